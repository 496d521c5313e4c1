"""Two gradings of one class: whose score changed, by how much, which check, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.batch import cells
from grader.batch.cells import Sheet, number
from grader.models import CheckResult, Report


@dataclass(frozen=True)
class Change:
    """One check of one submission whose points, verdict or message changed; `why` is a sentence."""

    id: str
    old_score: float | None
    new_score: float | None
    exercise: str
    check: str
    old: str
    new: str
    why: str

    @property
    def points(self) -> float | None:
        """How the submission's score changed; None when one of the two is unknown."""
        if self.old_score is None or self.new_score is None:
            return None
        return self.new_score - self.old_score


def changes(old: Iterable[Report], new: Iterable[Report]) -> Iterator[Change]:
    """What changed, by id: submissions that came or went, and every check behind a changed score or status."""
    before = {report.submission.id: report for report in old}
    after = {report.submission.id: report for report in new}
    for identity in sorted(before.keys() | after.keys()):
        first, second = before.get(identity), after.get(identity)
        if first is None and second is not None:
            yield Change(identity, None, second.score, "", "", "", second.status, "Only the new grading has it.")
        elif second is None and first is not None:
            yield Change(identity, first.score, None, "", "", first.status, "", "Only the old grading has it.")
        elif first is not None and second is not None and (first.score, first.status) != (second.score, second.status):
            yield from _changed(first, second)


def sheet(found: Iterable[Change]) -> Sheet:
    """The changes as a table, one row per check."""
    header = ("id", "old_score", "new_score", "change", "exercise", "check", "old", "new", "why")
    rows = (
        (c.id, number(c.old_score), number(c.new_score), number(c.points), c.exercise, c.check, c.old, c.new, c.why)
        for c in found
    )
    return cells.table(header, rows)


def _changed(old: Report, new: Report) -> Iterator[Change]:
    reason = _reason(old, new)
    before, after = _checks(old), _checks(new)
    some = False
    for key in dict.fromkeys((*before, *after)):
        first, second = before.get(key), after.get(key)
        if _shown(first) == _shown(second):
            continue
        some = True
        message = second.message if second is not None else "This check is gone."
        why = f"{reason} {message}".strip()
        yield Change(old.submission.id, old.score, new.score, *key, _shown(first), _shown(second), why)
    if not some:
        yield Change(old.submission.id, old.score, new.score, "", "", old.status, new.status, reason)


def _reason(old: Report, new: Report) -> str:
    """What the two gradings did not have in common."""
    if old.submission.sha256 != new.submission.sha256:
        return "Another submission was graded."
    if "internal_error" in (old.status, new.status):
        return "One of the two ended in a fault of the grader."
    if old.secret_id != new.secret_id:
        return "Graded with another secret."
    if old.environment.grader != new.environment.grader or old.environment.torch != new.environment.torch:
        return "Graded with another version."
    if old.grading_key != new.grading_key:
        return "The exercise, its limits or weights changed."
    return "Graded alike, with another result: limits of time or memory may have been met."


def _checks(report: Report) -> dict[tuple[str, str], CheckResult]:
    return {(each.exercise, check.name): check for each in report.exercises for check in each.checks}


def _shown(check: CheckResult | None) -> str:
    if check is None:
        return ""
    points = "?" if check.points is None else f"{check.points:g}"
    return f"{check.verdict} {points}/{check.max_points:g}"
