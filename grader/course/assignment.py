"""Which exercises are graded, what they weigh, what a submission may use, and what a breach of the rules costs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.course.catalog import Catalog
from grader.errors import AssignmentError
from grader.exercise import Exercise, Limits
from grader.wire import evidence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Entry(BaseModel):
    """One exercise of an assignment; `weight` multiplies its points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    weight: float = Field(default=1.0, ge=0)


class Policy(BaseModel):
    """What a finding costs: the exercise, or nothing.

    autograd: by-hand breaches seen for certain at run time. forbidden: definite uses, in the source that an entry point
    reaches, of what the exercise does without.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    autograd: Literal["costs_exercise", "costs_nothing"] = "costs_exercise"
    forbidden: Literal["costs_exercise", "costs_nothing"] = "costs_nothing"

    @property
    def costly(self) -> frozenset[str]:
        """The kinds of findings that cost the exercise where they are certain."""
        by_hand = {evidence.AUTOGRAD, evidence.TAMPERING} if self.autograd == "costs_exercise" else set()
        return frozenset(by_hand | ({evidence.FORBIDDEN} if self.forbidden == "costs_exercise" else set()))


class LimitsOverride(BaseModel):
    """Limits that replace each exercise's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu_seconds: float | None = Field(default=None, gt=0)
    wall_seconds: float | None = Field(default=None, gt=0)
    memory_bytes: int | None = Field(default=None, ge=64 * 2**20)
    max_timeouts: int | None = Field(default=None, ge=1)
    max_restarts: int | None = Field(default=None, ge=0)

    def apply(self, limits: Limits) -> Limits:
        """The limits with what is set here replaced."""
        return replace(limits, **self.model_dump(exclude_none=True))


class Assignment(BaseModel):
    """An assignment file; no `exercises` means all of them, in course order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    exercises: tuple[Entry, ...] = ()
    limits: LimitsOverride = LimitsOverride()
    policy: Policy = Policy()

    def chosen(self, catalog: Catalog, only: Iterable[str] = ()) -> tuple[tuple[Exercise, float], ...]:
        """The exercises with their weights, narrowed to `only` where it names any."""
        weights = {entry.slug: entry.weight for entry in self.exercises}
        wanted = tuple(only) or tuple(weights)
        return tuple((exercise, weights.get(exercise.slug, 1.0)) for exercise in catalog.select(wanted))

    def limited(
        self, cpu_seconds: float | None = None, wall_seconds: float | None = None, memory_mb: int | None = None
    ) -> Assignment:
        """The same assignment with the limits that are given here in place of its own."""
        memory_bytes = None if memory_mb is None else memory_mb * 2**20
        given = {"cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "memory_bytes": memory_bytes}
        update = {name: value for name, value in given.items() if value is not None}
        return self.model_copy(update={"limits": self.limits.model_copy(update=update)})

    def limits_for(self, exercise: Exercise) -> Limits:
        """What a call of this exercise may use."""
        return self.limits.apply(exercise.limits)


def load(path: Path) -> Assignment:
    """Read an assignment file; raises AssignmentError with file, field and remedy."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read ({error.strerror}); name an existing .toml file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path}: is not valid TOML ({error}); correct that line") from error
    try:
        return Assignment.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        known = ", ".join([*Assignment.model_fields, *(f"limits.{field.name}" for field in fields(Limits))])
        raise AssignmentError(f"{path}: {where}: {first['msg']}; known fields: {known}") from error


def default(catalog: Catalog) -> Assignment:
    """The assignment that lies beside the exercises, or all of them where there is none."""
    path = catalog.exercises / "assignment.toml"
    return load(path) if path.is_file() else Assignment()
