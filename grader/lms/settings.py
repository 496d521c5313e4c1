"""What an export says to the container that it is graded in: `grading/settings.json`, beside the secret."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from grader.course.assignment import Assignment
from grader.course.catalog import Catalog
from grader.errors import AssignmentError

FOLDER = "grading"
SECRET = "secret"
SETTINGS = "settings.json"
CASES = "cases.pt"
EXERCISES = "exercises"
SOLUTIONS = "solutions"

MEMORY_BYTES = 256 * 2**20
"""What a worker may use beyond the preloaded process: with it the whole tree stays below 600 MB."""
CPU_SECONDS, WALL_SECONDS = 4.0, 15.0
"""The most that a call may take, where there is time enough."""
LEAST_CPU_SECONDS = 0.5
"""Less than this would end right calls on a slow machine."""
STARTING = 0.15
"""The part of the time that starting, judging and explaining may take; the rest belongs to the student's functions."""

Details = Literal["visible", "after_due_date", "after_published"]


class Settings(BaseModel):
    """Everything that a container needs to know; seconds are by the wall clock.

    platform_seconds: after which the platform ends the run. cores: how much of a processor it gives.
    insist: grade although an isolation layer is missing there.
    details: when students see more of a check than whether it passed (Gradescope).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: Literal["gradescope", "prairielearn"]
    assignment: Assignment
    exercises: tuple[str, ...]
    platform_seconds: float = Field(gt=0)
    cores: float = Field(gt=0)
    insist: bool = False
    details: Details = "visible"

    @property
    def grading_seconds(self) -> float:
        """Our internal deadline, earlier than the platform's: the rest is left out, the report written."""
        return grading_seconds(self.platform_seconds)

    @property
    def allowance_seconds(self) -> float:
        """What the functions of one exercise may take, by the wall clock, on a platform that gives what it promises.

        All exercises together, each with a last call that ends late, stay below the internal deadline: whoever reaches
        that was slowed down by the platform.
        """
        return share_seconds(self.platform_seconds, len(self.exercises)) - self.longest_call_seconds

    @property
    def longest_call_seconds(self) -> float:
        """What one call can take before it is ended."""
        return self.assignment.limits.wall_seconds or WALL_SECONDS

    def catalog(self, folder: Path) -> Catalog:
        """The exercises and misconceptions that travelled into a folder."""
        solutions = folder / SOLUTIONS
        return Catalog(folder / EXERCISES, solutions if solutions.is_dir() else None)


def read(folder: Path) -> Settings:
    """The settings that lie in a folder; raises AssignmentError."""
    path = folder / SETTINGS
    try:
        return Settings.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise AssignmentError(
            f"{path}: cannot be used ({type(error).__name__}); export the assignment again"
        ) from error


def grading_seconds(platform_seconds: float) -> float:
    """Our internal deadline for a platform's."""
    return platform_seconds - max(10.0, 0.1 * platform_seconds)


def share_seconds(platform_seconds: float, exercises: int) -> float:
    """What each of so many exercises has of the time."""
    return (1 - STARTING) * grading_seconds(platform_seconds) / max(1, exercises)


def fitting(assignment: Assignment, platform_seconds: float, cores: float, exercises: int) -> Assignment:
    """The assignment under limits that fit a small container; tighter ones of its own stay.

    A call takes at most half of its exercise's share of the time. Raises AssignmentError where that is too little.
    """
    wall = min(WALL_SECONDS, share_seconds(platform_seconds, exercises) / 2)
    cpu = min(CPU_SECONDS, wall * cores)
    if cpu < LEAST_CPU_SECONDS:
        raise AssignmentError(
            f"{platform_seconds:g} s are too short for {exercises} exercises; allow more with --timeout, there and on "
            "the platform, or choose fewer"
        )
    own = assignment.limits
    most = {"memory_bytes": MEMORY_BYTES, "cpu_seconds": cpu, "wall_seconds": wall}
    tight = {name: min(value, getattr(own, name) or value) for name, value in most.items()}
    return assignment.model_copy(update={"limits": own.model_copy(update=tight)})
