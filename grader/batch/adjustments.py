"""An instructor's own scores and comments, kept beside the reports and bound to the files that were handed in.

The file holds one line of JSON for each. A score of an exercise, or of the whole submission, takes the place of the
grader's and is shown as the instructor's. Once other files are handed in, or full marks change, nobody knows whether it
still holds: it is named as outdated and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader import storage
from grader.batch.folder import shortened
from grader.errors import OutputError
from grader.grading import scoring
from grader.models import Note, Report

FILE = "adjustments.jsonl"
ADJUSTED, COMMENT, OUTDATED = "adjusted", "comment", "adjustment_outdated"
"""Kinds of the notes that say it in a report."""


class Adjustment(BaseModel):
    """A score, a comment, or both; `exercise` "" for the whole submission, `sha256` of the files it is about.

    max_score: full marks when the score was given; None in a file of an earlier version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission: str
    sha256: str
    exercise: str = ""
    score: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_score: float | None = None
    comment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """One adjustment is kept for each."""
        return self.submission, self.exercise


@dataclass(frozen=True)
class Adjusted:
    """Reports with what the instructor decided; `outdated`: ids of submissions where something no longer holds."""

    reports: tuple[Report, ...]
    outdated: tuple[str, ...]


def read(folder: Path) -> tuple[Adjustment, ...]:
    """The adjustments of a folder of reports; raises OutputError for a line that is none."""
    path = folder / FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{path}: cannot be read; correct the file or move it away") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(Adjustment.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                raise OutputError(f"{path}, line {number}: {first['msg']}; correct or remove the line") from error
    return tuple(found)


def write(folder: Path, found: Iterable[Adjustment]) -> None:
    """Replace the adjustments of a folder of reports; raises OutputError."""
    latest = {each.key: each for each in found}
    ordered = (latest[key] for key in sorted(latest))
    storage.store("".join(each.model_dump_json() + "\n" for each in ordered), folder / FILE)


def applied(reports: Sequence[Report], found: Iterable[Adjustment]) -> Adjusted:
    """The reports with their adjustments."""
    by_submission: dict[str, list[Adjustment]] = {}
    for each in found:
        by_submission.setdefault(each.submission, []).append(each)
    outdated, changed = [], []
    for report in reports:
        own = by_submission.get(report.submission.id, [])
        if any(outdated_because(report, each) for each in own):
            outdated.append(report.submission.id)
        for each in sorted(own, key=lambda each: each.exercise == ""):  # a score of the whole overrides the others
            report = _one(report, each)
        changed.append(report)
    return Adjusted(tuple(changed), tuple(outdated))


def warnings(outdated: Sequence[str]) -> Iterator[str]:
    """What is said of submissions that have changed since they were adjusted."""
    if outdated:
        yield (
            "Adjustments that no longer count, because other files were handed in or full marks were changed since: "
            f"{shortened(outdated)}. Look again, and set them again with `grader adjust`."
        )


def full_marks(report: Report, exercise: str) -> float | None:
    """Of an exercise, or with "" of the whole submission; None where the exercise was not graded."""
    if not exercise:
        return report.max_score
    return next((each.max_score for each in report.exercises if each.exercise == exercise), None)


def outdated_because(report: Report, adjustment: Adjustment) -> str:
    """Why nobody knows whether it still holds, or ""."""
    if adjustment.sha256 != report.submission.sha256:
        return "other files were handed in since"
    most = full_marks(report, adjustment.exercise)
    if most is None:
        return "the exercise is no longer graded"
    if adjustment.score is not None and adjustment.max_score not in (None, most):
        return f"full marks were {adjustment.max_score:g} then and are {most:g} now"
    return ""


def _one(report: Report, adjustment: Adjustment) -> Report:
    if reason := outdated_because(report, adjustment):
        return _noted(report, OUTDATED, _words(adjustment, f"Not applied, because {reason}"))
    if adjustment.score is None:
        return _noted(report, COMMENT, _words(adjustment, "Your instructor's comment"))
    if not adjustment.exercise:
        found = report.model_copy(update={"score": adjustment.score})
        return _noted(found, ADJUSTED, _words(adjustment, "Set by your instructor", report.score))
    before = next((each.score for each in report.exercises if each.exercise == adjustment.exercise), None)
    exercises = tuple(
        each.model_copy(update={"score": adjustment.score}) if each.exercise == adjustment.exercise else each
        for each in report.exercises
    )
    found = report.model_copy(update={"exercises": exercises, "score": scoring.total(e.score for e in exercises)})
    return _noted(found, ADJUSTED, _words(adjustment, "Set by your instructor", before))


def _noted(report: Report, kind: str, sentence: str) -> Report:
    return report.model_copy(update={"notes": (*report.notes, Note(kind=kind, message=sentence))})


def _words(adjustment: Adjustment, who: str, before: float | None = None) -> str:
    """ "Set by your instructor: 4 points for batched_backward (the grader gave 2). Right apart from the order." """
    what = "" if adjustment.score is None else f"{adjustment.score:g} points"
    where = f"for {adjustment.exercise}" if adjustment.exercise else "in all" if what else ""
    graded = "" if before is None else f"(the grader gave {before:g})"
    words = " ".join(filter(None, (what, where, graded)))
    end = "." if words and adjustment.comment else ""
    return ": ".join(filter(None, (who, " ".join(filter(None, (words + end, adjustment.comment))))))
