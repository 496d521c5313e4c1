"""results.json and data.json of PrairieLearn's external grading.

Texts are shown as text there, with ANSI sequences obeyed, so none may be in them. What cannot be read, and any fault of
ours, is `gradable: false`, which costs no attempt; then there is no `score`, not even an empty one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import SubmissionError
from grader.grading.report import Plan
from grader.lms import wording
from grader.lms.wording import check_text, shortened
from grader.models import Report
from grader.wire.printable import plain

MAX_BYTES = 1_000_000
"""Of the whole file; the platform's limit is 1 MB."""

MAX_CHARACTERS = 8_000
"""Of one text, at first."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Image(_Record):
    """Not written; documented."""

    label: str = ""
    url: str


class Test(_Record):
    """One card of the result; without points on one of them, points would be hidden on all."""

    __test__ = False  # pytest would collect it

    name: str
    description: str | None = None
    points: float = Field(ge=0)
    max_points: float = Field(ge=0)
    message: str | None = None
    output: str | None = None
    images: tuple[Image, ...] | None = None


class Results(_Record):
    """results.json: a score, or `gradable: false` with reasons."""

    gradable: bool = True
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    format_errors: tuple[str, ...] | None = None
    message: str | None = None
    output: str | None = None
    images: tuple[Image, ...] | None = None
    tests: tuple[Test, ...] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Results:
        if self.gradable == (self.score is None) or self.gradable == bool(self.format_errors):
            raise ValueError("either a score, or gradable false with format_errors")
        return self

    def text(self) -> str:
        """As it is written: what is not known is left out."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"


class _Data(BaseModel):
    variant_seed: int | str


def variant_seed(path: Path) -> str:
    """The seed of the variant, which gives it its own cases; raises SubmissionError."""
    try:
        return str(_Data.model_validate_json(path.read_bytes()).variant_seed)
    except (OSError, ValidationError) as error:
        raise SubmissionError(f"{path}: has no variant_seed ({type(error).__name__}); is this PrairieLearn?") from error


def results(report: Report, plan: Plan) -> Results:
    """A report in PrairieLearn's fields, small enough for it."""
    if report.status == "unreadable":
        return not_gradable(*(note.message for note in report.notes))
    if report.score is None:
        return not_gradable(wording.NO_SCORE)
    most = MAX_CHARACTERS
    while len((made := _results(report, plan, most)).text().encode()) > MAX_BYTES:
        most //= 2
    return made


def not_gradable(*reasons: str) -> Results:
    """No score, and no attempt used up."""
    return Results(gradable=False, format_errors=tuple(dict.fromkeys(plain(reason, keep="\n") for reason in reasons)))


def _results(report: Report, plan: Plan, most: int) -> Results:
    titles = {item.exercise.slug: item.exercise.title for item in plan.items}
    tests = tuple(
        Test(
            name=plain(f"{titles[exercise.exercise]}: {check.name}", keep="\n"),
            points=check.points or 0.0,
            max_points=check.max_points,
            message=shortened(check_text(check, exercise.findings), most),
        )
        for exercise in report.exercises
        for check in exercise.checks
    )
    certain = [finding.message for each in report.exercises for finding in each.findings if finding.certain]
    notes = [note.message for note in report.notes]
    score = (report.score or 0.0) / report.max_score if report.max_score else 0.0
    return Results(
        score=min(1.0, max(0.0, round(score, 6))),
        message=shortened(plain("\n".join(dict.fromkeys((*certain, *notes))), keep="\n"), most) or None,
        tests=tests,
    )
