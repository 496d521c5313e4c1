"""Turns judgements into points: a check earns all of its points or none, and an internal error earns null."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from grader.models import CheckResult, ExerciseResult, Finding, Verdict

if TYPE_CHECKING:  # they import torch, which adding up finished reports does without
    from grader.exercise import Check, Exercise
    from grader.grading.diagnose import Explanation, Observation


def check_result(check: Check, observations: Sequence[Observation], explanation: Explanation) -> CheckResult:
    """One check's result from the observations of its variant; its points are null until `exercise_result`."""
    verdicts = [o.judgements[check.output].verdict for o in observations]
    return CheckResult(
        name=check.name,
        points=None,
        max_points=check.points,
        verdict=verdict_of(verdicts),
        cases_passed=verdicts.count("passed"),
        cases_total=len(verdicts),
        message=explanation.message,
        hint=explanation.hint,
        misconception=explanation.misconception,
        counterexample=explanation.counterexample,
    )


def not_run(exercise: Exercise, verdict: Literal["missing", "internal_error"], message: str) -> tuple[CheckResult, ...]:
    """Every check of an exercise of which nothing was run."""
    return tuple(
        CheckResult(
            name=check.name,
            points=None,
            max_points=check.points,
            verdict=verdict,
            cases_passed=0,
            cases_total=0,
            message=message,
        )
        for check in exercise.checks
    )


def verdict_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Passed only if every case passed; otherwise what the first case that did not pass says."""
    bad = [verdict for verdict in verdicts if verdict != "passed"]
    if not verdicts:
        return "internal_error"  # no case, no points: a check without evidence is an internal error
    return next((verdict for verdict in bad if verdict != "skipped"), bad[0] if bad else "passed")


def exercise_result(
    exercise: Exercise,
    checks: Sequence[CheckResult],
    weight: float,
    findings: Sequence[Finding] = (),
    costs: Collection[str] = (),
) -> ExerciseResult:
    """All checks of one exercise with their points: the only place where points are given.

    weight: multiplies all points; costs: kinds of findings that, where they are certain, cost all points.
    """
    unpaid = any(finding.certain and finding.kind in costs for finding in findings)
    priced = tuple(
        check.model_copy(update={"points": _points(check.verdict, worth, unpaid), "max_points": worth})
        for check, worth in zip(checks, (check.points * weight for check in exercise.checks), strict=True)
    )
    return ExerciseResult(
        exercise=exercise.slug,
        entry_point=exercise.entry_point,
        score=total(check.points for check in priced),
        max_score=exercise.max_score * weight,
        checks=priced,
        findings=tuple(findings),
    )


def _points(verdict: Verdict, worth: float, unpaid: bool) -> float | None:
    if verdict == "internal_error":
        return None
    return worth if verdict == "passed" and not unpaid else 0.0


def without_points(source: bytes) -> bytes:
    """An exercise file's syntax tree with every literal `points=` of its `exercise` as 0, to compare two versions."""
    tree = ast.parse(source)
    for statement in tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else ()
        if any(isinstance(target, ast.Name) and target.id == "exercise" for target in targets):
            for node in ast.walk(statement):
                if isinstance(node, ast.keyword) and node.arg == "points":
                    node.value = _zeroed(node.value)
    return ast.dump(tree).encode()


def _zeroed(value: ast.expr) -> ast.expr:
    """Numbers as 0, alone or as the values of a dictionary; anything else as it is."""
    if isinstance(value, ast.Constant) and type(value.value) in (int, float):
        return ast.Constant(0)
    if isinstance(value, ast.Dict):
        return ast.Dict(value.keys, [_zeroed(each) for each in value.values])
    return value


def total(scores: Iterable[float | None]) -> float | None:
    """The sum, or null when any part of it is unknown."""
    values = list(scores)
    return (
        None if any(value is None for value in values) else float(sum(value for value in values if value is not None))
    )
