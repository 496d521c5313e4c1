"""The report: what one submission earned and why, as frozen pydantic models (JSON names are a contract)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Verdict = Literal[
    "passed",
    "failed",
    "errored",
    "timed_out",
    "out_of_memory",
    "output_limit",
    "missing",
    "skipped",
    "internal_error",
]


class Model(BaseModel):
    """A frozen record that refuses unknown fields and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Note(Model):
    """Something worth knowing that costs nothing."""

    kind: str
    """A stable word, such as "missing_import"."""
    message: str
    """One sentence."""


class Finding(Model):
    """A breach, or a suspected breach, of a rule about how the answer is made; never mixed with correctness."""

    kind: str
    """A stable word, such as "autograd"."""
    certain: bool
    """True for exact runtime evidence, False for a suspicion from reading the source."""
    evidence: str
    """Line and call."""
    message: str
    """One sentence: what was seen, what it costs, how to contest it."""


class Counterexample(Model):
    """The smallest public case on which the submission differs, as Python source that can be pasted."""

    inputs: str
    expected: str
    actual: str
    printed: str = ""
    """The first lines of what the student's code prints on it."""


class CheckResult(Model):
    """One output on one variant of the inputs."""

    name: str
    points: float | None
    """Earned; null when nothing can be said because of an internal error."""
    max_points: float
    verdict: Verdict
    cases_passed: int
    cases_total: int
    message: str
    """Facts."""
    hint: str | None = None
    """Advice."""
    misconception: str | None = None
    counterexample: Counterexample | None = None

    @property
    def has_full_points(self) -> bool:
        """Whether it is right and earns what it can: a finding may take the points of a right answer away."""
        return self.verdict == "passed" and self.points == self.max_points


class ExerciseResult(Model):
    """All checks of one exercise."""

    exercise: str
    entry_point: str
    score: float | None
    max_score: float
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...] = ()


class Student(Model):
    """A person as the learning platform knows them; what it does not tell is empty."""

    id: str
    name: str = ""
    email: str = ""


class SubmissionInfo(Model):
    """Who handed in what: the one place of a report that says who somebody is."""

    id: str
    files: tuple[str, ...]
    sha256: str
    """Of the file names and bytes, in order."""
    students: tuple[Student, ...] = ()
    """The people behind it, several for a group; empty where the layout says no more than the id."""


class Environment(Model):
    """Where the report was made: versions, and which isolation layers were active and which were not."""

    grader: str
    python: str
    torch: str
    platform: str
    isolation: tuple[str, ...]
    isolation_missing: tuple[str, ...] = ()
    """Required layers that were missing and done without on request; empty where none is, or nothing is hidden."""


class Report(Model):
    """The whole result of one submission."""

    schema_version: int = SCHEMA_VERSION
    submission: SubmissionInfo
    status: Literal["graded", "unreadable", "internal_error"]
    score: float | None
    max_score: float
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[Note, ...] = ()
    secret_id: str | None
    """A keyed hash that tells secrets apart and says nothing about them; null for public cases."""
    grading_key: str
    environment: Environment
    wall_seconds: float = Field(ge=0)
