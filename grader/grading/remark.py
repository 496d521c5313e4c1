"""One line about one report: what a table of the class shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.models import Report
from grader.wire.printable import plain


@dataclass(frozen=True)
class Row:
    """What the class table shows of one report."""

    id: str
    status: str
    score: str
    remark: str


def row(report: Report) -> Row:
    """One line for one submission: the first thing that cost points."""
    score = "–" if report.score is None else f"{report.score:g} / {report.max_score:g}"
    return Row(plain(report.submission.id), report.status, score, plain(_first_remark(report)))


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
