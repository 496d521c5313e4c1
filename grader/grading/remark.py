"""One line about one report: what a table of the class shows of it, and why it should be looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.models import CheckResult, ExerciseResult, Report
from grader.wire import evidence
from grader.wire.printable import plain

FLAGS = {
    "internal_error": "technical failure of the grader",
    "unreadable": "unreadable",
    "syntax_error": "syntax error",
    "name_error": "name error",
    "type_error": "type error",
    "errored": "errored",
    "timed_out": "timed out",
    "out_of_memory": "out of memory",
    "output_limit": "returned too much",
    "by_hand": "by-hand rule",
}
"""Reasons to look at a submission, the most technical first, with their words."""

_RAISED = re.compile(r"` raised (\w+)")
_UNPARSED = re.compile(
    r"syntax error \(|wrong indentation \(|tabs and spaces are mixed|this is Python 2|a merge conflict"
)
_KINDS = {"NameError": "name_error", "UnboundLocalError": "name_error", "TypeError": "type_error"}


@dataclass(frozen=True)
class Part:
    """One exercise of a report: what it is worth, and whether the student began it."""

    exercise: str
    max_points: float
    attempted: bool


@dataclass(frozen=True)
class Row:
    """What the class table shows of one report; `flags` are keys of FLAGS."""

    id: str
    status: str
    points: float | None
    max_points: float
    remark: str
    flags: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def score(self) -> str:
        """Points and full marks as text."""
        return "–" if self.points is None else f"{self.points:g} / {self.max_points:g}"


def row(report: Report) -> Row:
    """One line for one submission: the first thing that cost points."""
    parts = tuple(Part(each.exercise, each.max_score, attempted(each)) for each in report.exercises)
    name, remark = plain(report.submission.id), plain(_first_remark(report))
    return Row(name, report.status, report.score, report.max_score, remark, flags(report), parts)


def attempted(exercise: ExerciseResult) -> bool:
    """Whether any part of the exercise was done; what could not be checked counts as done."""
    return any(check.verdict != "missing" for check in exercise.checks)


def flags(report: Report) -> tuple[str, ...]:
    """Why a report should be looked at: keys of FLAGS, in their order."""
    found = {report.status, *(flag for each in report.exercises for flag in exercise_flags(each))}
    return tuple(flag for flag in FLAGS if flag in found)


def exercise_flags(exercise: ExerciseResult) -> Iterator[str]:
    """The flags of one exercise."""
    yield from (_flag(check) for check in exercise.checks)
    if any(finding.certain and finding.kind != evidence.FORBIDDEN for finding in exercise.findings):
        yield "by_hand"


def _flag(check: CheckResult) -> str:
    """A verdict, and for an exception its kind where students often have it."""
    if check.verdict != "errored":
        return check.verdict
    if _UNPARSED.search(check.message):
        return "syntax_error"
    raised = _RAISED.search(check.message)
    return _KINDS.get(raised[1], "errored") if raised else "errored"


def _first_remark(report: Report) -> str:
    """The by-hand rule first, since it costs an exercise; then what ran and was not right, then what is missing."""
    if report.status != "graded" and report.notes:
        return report.notes[0].message
    for exercise in report.exercises:
        unpaid = any(check.verdict == "passed" and check.points == 0.0 < check.max_points for check in exercise.checks)
        certain = [finding for finding in exercise.findings if finding.certain]
        if unpaid and certain:
            return f"{exercise.exercise} · {certain[0].kind}: no points. {certain[0].evidence}"
    bad = [(exercise, check) for exercise in report.exercises for check in exercise.checks if check.verdict != "passed"]
    bad.sort(key=lambda each: each[1].verdict == "missing")
    return "".join(
        f"{exercise.exercise} · {check.name}: {check.verdict}. {check.message}" for exercise, check in bad[:1]
    )
