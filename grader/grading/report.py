"""Builds the report of one submission, and decides what of it may be seen."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch

from grader import __version__, storage
from grader.cases import suite as cases
from grader.cases.secret import PUBLIC, secret_id
from grader.cases.suite import Suite
from grader.course.assignment import Assignment, Policy
from grader.course.catalog import Catalog
from grader.exercise import Exercise, Limits
from grader.grading import feedback, findings, scoring
from grader.grading.diagnose import DiagnosisCache
from grader.models import CheckResult, Environment, ExerciseResult, Note, Report, SubmissionInfo
from grader.sandbox.quoting import Quotes
from grader.submissions import Submission
from grader.submissions.submission import printable
from grader.wire.outcome import Evidence, Loaded


@dataclass(frozen=True)
class PlannedExercise:
    """One exercise of a plan, with everything about it that does not depend on the submission."""

    exercise: Exercise
    diagnosis: DiagnosisCache
    limits: Limits
    weight: float


@dataclass(frozen=True)
class Plan:
    """All that is done once per class.

    key: a digest of everything but the submission that a report depends on.
    """

    items: tuple[PlannedExercise, ...]
    secret_id: str | None
    key: str
    environment: Environment
    policy: Policy = field(default_factory=Policy)

    @property
    def max_score(self) -> float:
        """What full marks are."""
        return sum(item.exercise.max_score * item.weight for item in self.items)

    @property
    def loading_limits(self) -> Limits:
        """What loading a submission may use: the most that any exercise allows."""
        limits = [item.limits for item in self.items]
        return max(limits, key=lambda each: (each.cpu_seconds, each.memory_bytes), default=Limits())


@dataclass(frozen=True)
class Attempt:
    """What grading one exercise gave, before findings are judged and points are given.

    checks: without points; evidence: what the calls showed of the by-hand rule; notes: what costs nothing.
    """

    checks: tuple[CheckResult, ...]
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()


def plan(
    catalog: Catalog,
    assignment: Assignment,
    secret: bytes,
    *,
    only: Iterable[str] = (),
    isolation: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    student: str = "",
    prepare: Callable[[Exercise, bytes, str], Suite] = cases.prepare,
) -> Plan:
    """Prepare every chosen exercise's cases under the secret; raises ExerciseError.

    isolation, missing: the layers that workers have on, and the required ones that they lack. prepare: draws the
    cases; where they were drawn before, it hands out those.
    """
    items = tuple(
        PlannedExercise(
            exercise,
            DiagnosisCache(prepare(exercise, secret, student), catalog.chain(exercise.slug)),
            assignment.limits_for(exercise),
            weight,
        )
        for exercise, weight in assignment.chosen(catalog, only)
    )
    environment = Environment(
        grader=__version__,
        python=platform.python_version(),
        torch=torch.__version__,
        platform=platform.system().lower(),
        isolation=isolation,
        isolation_missing=missing,
    )
    identity = None if secret == PUBLIC else secret_id(secret)
    key = student_key(class_key(catalog, assignment, secret, only=only), student)
    return Plan(items, identity, key, environment, assignment.policy)


def class_key(
    catalog: Catalog, assignment: Assignment, secret: bytes, *, only: Iterable[str] = (), points: bool = True
) -> str:
    """A digest of everything but the submission and the student that a report depends on; it draws no cases.

    points: without them, weights and the literal `points=` of exercise files do not count.
    """
    identity = "public" if secret == PUBLIC else secret_id(secret)
    digest = hashlib.sha256()
    about = assignment.model_dump_json(exclude=None if points else {"exercises": {"__all__": {"weight"}}})
    for part in (about, identity, __version__, torch.__version__):
        digest.update(part.encode() + b"\0")
    for exercise, weight in assignment.chosen(catalog, only):
        limits = assignment.limits_for(exercise)
        digest.update(repr((exercise.slug, limits, weight if points else None)).encode() + b"\0")
        for path in catalog.files(exercise.slug):
            content = path.read_bytes()
            if not points and path.name == "exercise.py":
                content = scoring.without_points(content)
            digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def student_key(class_key: str, student: str) -> str:
    """The key of a plan: the class's, or one of the student's own where their cases are."""
    return hashlib.sha256(f"{class_key}\0{student}".encode("utf-8", "surrogateescape")).hexdigest()


def content_key(plan_key: str, submission: Submission) -> str:
    """A digest of everything that the report is a function of."""
    about = repr((submission.id, submission.students, submission.notes))
    return hashlib.sha256(f"{plan_key}\0{submission.sha256}\0{about}".encode("utf-8", "replace")).hexdigest()


def grading_key(plan: Plan, submission: Submission) -> str:
    """The content key under a plan."""
    return content_key(plan.key, submission)


def graded(submission: Submission, plan: Plan, loaded: Loaded, attempts: Sequence[Attempt], seconds: float) -> Report:
    """The report of a submission that was run; exercises without an attempt, for lack of time, have null scores."""
    quotes, costs = Quotes(submission.files), plan.policy.costly
    notes = [*_file_notes(submission), *(Note(kind=note.kind, message=note.message) for note in loaded.notes)]
    notes += (note for attempt in attempts for note in attempt.notes)
    left_out = [
        Attempt(scoring.not_run(item.exercise, "internal_error", feedback.not_run()))
        for item in plan.items[len(attempts) :]
    ]
    if left_out:
        notes.append(Note(kind="platform_too_slow", message=feedback.not_run()))
    results: list[ExerciseResult] = []
    for item, attempt in zip(plan.items, (*attempts, *left_out), strict=True):
        exercise = item.exercise
        found = findings.judged(
            exercise.entry_point, attempt.evidence, loaded.evidence, quotes, costs=costs, forbids=exercise.forbids
        )
        results.append(scoring.exercise_result(exercise, attempt.checks, item.weight, found, costs))
    return _report(submission, plan, "graded", results, notes, seconds)


def unreadable(submission: Submission, plan: Plan, problem: str, seconds: float) -> Report:
    """Nothing could be loaded: no points, and a sentence about the file."""
    notes = (Note(kind="unreadable", message=problem), *_file_notes(submission))
    return _report(submission, plan, "unreadable", _not_run(plan, "missing", problem), notes, seconds)


def internal_error(submission: Submission, plan: Plan, detail: str, seconds: float) -> Report:
    """The grader failed: null scores, never a zero."""
    results = _not_run(plan, "internal_error", feedback.internal_error())
    notes = (Note(kind="internal_error", message=detail),)
    return _report(submission, plan, "internal_error", results, notes, seconds)


def rescored(old: Report, catalog: Catalog, assignment: Assignment, key: str, *, only: Iterable[str] = ()) -> Report:
    """The report under other points or weights. old: one that differs in nothing else; key: its new grading key."""
    costs = assignment.policy.costly
    results = tuple(
        scoring.exercise_result(exercise, result.checks, weight, result.findings, costs)
        for result, (exercise, weight) in zip(old.exercises, assignment.chosen(catalog, only), strict=True)
    )
    update = {
        "exercises": results,
        "score": scoring.total(result.score for result in results),
        "max_score": sum(result.max_score for result in results),
        "grading_key": key,
    }
    return old.model_copy(update=update)


def write(report: Report, folder: Path) -> Path:
    """Write `<id>.json` atomically; raises OutputError and leaves what was there."""
    return storage.store(text(report), folder / f"{storage.file_name(report.submission.id)}.json")


def text(report: Report) -> str:
    """The report as it is written."""
    return report.model_dump_json(indent=2) + "\n"


def _report(
    submission: Submission,
    plan: Plan,
    status: Literal["graded", "unreadable", "internal_error"],
    results: Sequence[ExerciseResult],
    notes: Sequence[Note],
    seconds: float,
) -> Report:
    return Report(
        submission=SubmissionInfo(
            id=printable(submission.id),
            files=tuple(printable(name) for name, _ in submission.files),
            sha256=submission.sha256,
            students=submission.students,
        ),
        status=status,
        score=scoring.total(result.score for result in results),
        max_score=plan.max_score,
        exercises=tuple(results),
        notes=tuple(notes),
        secret_id=plan.secret_id,
        grading_key=grading_key(plan, submission),
        environment=plan.environment,
        wall_seconds=round(seconds, 4),
    )


def _file_notes(submission: Submission) -> tuple[Note, ...]:
    return tuple(Note(kind=kind, message=message) for kind, message in submission.notes)


def _not_run(plan: Plan, verdict: Literal["missing", "internal_error"], message: str) -> list[ExerciseResult]:
    return [
        scoring.exercise_result(item.exercise, scoring.not_run(item.exercise, verdict, message), item.weight)
        for item in plan.items
    ]
