"""results.json and submission_metadata.json of Gradescope, as far as they are documented.

A check is a test. Everything is plain text (`text` formats): nothing that a student wrote can become HTML, Markdown or
an ANSI sequence. A part that was not graded through no fault of the student's has no score, and then the whole has
none: Gradescope takes that for a run that failed and shows no grade, where any number would be a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.grading.report import Plan
from grader.lms import wording
from grader.lms.settings import Details
from grader.lms.wording import check_text, shortened
from grader.models import CheckResult, ExerciseResult, Report
from grader.views import wording as words
from grader.wire.printable import plain

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Format = Literal["text", "html", "simple_format", "md", "ansi"]
MAX_CHARACTERS = 100_000
Output = Annotated[str, Field(max_length=MAX_CHARACTERS)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Test(_Record):
    """One line of the result."""

    __test__ = False  # pytest would collect it

    score: float | None = Field(default=None, ge=0)
    max_score: float | None = Field(default=None, ge=0)
    status: Literal["passed", "failed"] | None = None
    name: str
    name_format: Format = "text"
    number: str
    output: Output = ""
    output_format: Format = "text"
    tags: tuple[str, ...] = ()
    visibility: Visibility = "visible"
    extra_data: dict[str, Any] = Field(default_factory=dict)


class LeaderboardEntry(_Record):
    """Not written; documented."""

    name: str
    value: float | str
    order: Literal["asc", "desc"] = "desc"


class Results(_Record):
    """results.json; without `score` where every test needs one and some have none."""

    score: float | None = Field(default=None, ge=0)
    execution_time: float | None = Field(default=None, ge=0)
    output: Output = ""
    output_format: Format = "text"
    test_output_format: Format = "text"
    test_name_format: Format = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, Any] = Field(default_factory=dict)
    tests: tuple[Test, ...] = ()
    leaderboard: tuple[LeaderboardEntry, ...] | None = None

    def text(self) -> str:
        """As it is written: what is not known is left out."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"


class _Metadata(BaseModel):
    id: int | str


def results(report: Report, plan: Plan, details: Details = "visible") -> Results:
    """A report in Gradescope's fields."""
    titles = {item.exercise.slug: item.exercise.title for item in plan.items}
    tests = [
        test
        for number, exercise in enumerate(report.exercises, start=1)
        for test in _tests(number, titles[exercise.exercise], exercise, details)
    ]
    return Results(
        score=None if report.score is None else round(report.score, 6),
        execution_time=report.wall_seconds,
        output=shortened(_summary(report), MAX_CHARACTERS),
        tests=tuple(tests),
        extra_data={
            "status": report.status,
            "secret_id": report.secret_id,
            "grading_key": report.grading_key,
            "environment": report.environment.model_dump(mode="json"),
        },
    )


def not_finished() -> Results:
    """What lies there before anything is known, and stays when nothing ever is."""
    return Results(output=wording.NOT_FINISHED)


def submission_id(path: Path) -> str:
    """The submission's id from its metadata, or a word where there is none."""
    try:
        return str(_Metadata.model_validate_json(path.read_bytes()).id)
    except (OSError, ValidationError):
        return "submission"


def _tests(number: int, title: str, exercise: ExerciseResult, details: Details) -> Iterator[Test]:
    for place, check in enumerate(exercise.checks, start=1):
        whole = shortened(check_text(check, exercise.findings), MAX_CHARACTERS)
        short = details != "visible" and check.verdict not in ("passed", "internal_error")
        test = Test(
            score=check.points,
            max_score=check.max_points,
            status=None if check.points is None else "passed" if check.verdict == "passed" else "failed",
            name=plain(f"{title}: {check.name}", keep="\n"),
            number=f"{number}.{place}",
            output=_verdict(check, details) if short else whole,
            tags=(exercise.exercise,),
        )
        yield test
        if short:
            name = plain(f"{title}: {check.name}, details", keep="\n")
            yield Test(name=name, number=f"{number}.{place}.1", output=whole, visibility=details)


def _verdict(check: CheckResult, details: Details) -> str:
    return plain(f"{check.name}: {words.WORDS[check.verdict]}. {wording.LATER[details]}", keep="\n")


def _summary(report: Report) -> str:
    first = wording.NO_SCORE if report.score is None else wording.score(report.score, report.max_score)
    certain = [finding.message for each in report.exercises for finding in each.findings if finding.certain]
    notes = [note.message for note in report.notes if note.kind != "internal_error"]
    return plain("\n".join(dict.fromkeys((first, *certain, *notes))), keep="\n")
