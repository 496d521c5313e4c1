"""What is said of an exercise without running it: lists, statements and pages need no torch.

`grader release` writes a card beside the exercise. It holds nothing that exercise.py does not say, and counts only
beside the exercise.py, and under the version of the grader, that it was made from.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from grader import __version__

if TYPE_CHECKING:
    from grader.exercise import Exercise

FILE = "card.json"
DIGITS = 4


class Worth(BaseModel):
    """A check and its points."""

    model_config = ConfigDict(frozen=True)

    name: str
    points: float


class Example(BaseModel):
    """A small public case: source to paste, and the right answer of each output as source."""

    model_config = ConfigDict(frozen=True)

    variant: str
    inputs: str
    answers: dict[str, str]


class Card(BaseModel):
    """An exercise as it is described, without torch; `usage`: the lines that use the student's code."""

    model_config = ConfigDict(frozen=True)

    made_from: str
    slug: str
    title: str
    requires: tuple[str, ...]
    checks: tuple[Worth, ...]
    usage: tuple[str, ...]
    examples: tuple[Example, ...] = ()

    @property
    def max_score(self) -> float:
        """The sum of the checks' points."""
        return sum(check.points for check in self.checks)


def read(folder: Path) -> Card | None:
    """The card of an exercise's folder, if it was made from what lies there now."""
    try:
        card = Card.model_validate_json((folder / FILE).read_bytes())
        return card if card.made_from == _digest(folder) and card.slug == folder.name else None
    except (OSError, ValidationError):
        return None


def of(exercise: Exercise, folder: Path) -> Card:
    """The card of a loaded exercise, without examples."""
    return Card(
        made_from=_digest(folder),
        slug=exercise.slug,
        title=exercise.title,
        requires=exercise.requires,
        checks=tuple(Worth(name=check.name, points=check.points) for check in exercise.checks),
        usage=tuple(exercise.usage.lines) if exercise.usage else (),
    )


def examples(exercise: Exercise) -> tuple[Example, ...]:
    """The smallest and a larger one of the small public cases, per variant."""
    from grader.cases.examples import smallest_and_larger
    from grader.cases.source import call_source, tensor_source

    return tuple(
        Example(
            variant=variant,
            inputs=call_source(exercise, case),
            answers={output: tensor_source(right.value, DIGITS) for output, right in case.expected.items()},
        )
        for variant in exercise.variant_names
        for case in smallest_and_larger(exercise, variant)
    )


def _digest(folder: Path) -> str:
    return hashlib.sha256(__version__.encode() + b"\0" + (folder / "exercise.py").read_bytes()).hexdigest()
