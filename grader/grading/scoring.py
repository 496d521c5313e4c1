"""Turns judgements into points: a check earns all of its points or none, and a fault of ours earns null."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from grader.models import CheckResult, ExerciseResult, Finding, Verdict

if TYPE_CHECKING:  # they bring torch, which whoever only adds up finished reports does without
    from grader.exercise import Check, Exercise
    from grader.grading.diagnose import Explanation, Observation


def check_result(check: Check, observations: Sequence[Observation], explanation: Explanation) -> CheckResult:
    """One check's result from the observations of its variant."""
    verdicts = [o.judgements[check.output].verdict for o in observations]
    verdict = verdict_of(verdicts)
    return CheckResult(
        name=check.name,
        points=check.points if verdict == "passed" else 0.0,
        max_points=check.points,
        verdict=verdict,
        cases_passed=verdicts.count("passed"),
        cases_total=len(verdicts),
        message=explanation.message,
        hint=explanation.hint,
        misconception=explanation.misconception,
        counterexample=explanation.counterexample,
    )


def verdict_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Passed only if every case passed; otherwise what the first case that did not pass says."""
    bad = [verdict for verdict in verdicts if verdict != "passed"]
    if not verdicts:
        return "internal_error"  # no case, no points: a check without evidence is a fault of ours
    return next((verdict for verdict in bad if verdict != "skipped"), bad[0] if bad else "passed")


def exercise_result(
    exercise: Exercise, checks: Sequence[CheckResult], findings: Sequence[Finding] = ()
) -> ExerciseResult:
    """All checks of one exercise."""
    return ExerciseResult(
        exercise=exercise.slug,
        entry_point=exercise.entry_point,
        score=total(check.points for check in checks),
        max_score=exercise.max_score,
        checks=tuple(checks),
        findings=tuple(findings),
    )


def weighted(result: ExerciseResult, weight: float) -> ExerciseResult:
    """The same result with its points multiplied by the assignment's weight."""
    if weight == 1.0:
        return result
    checks = tuple(
        check.model_copy(
            update={
                "points": None if check.points is None else check.points * weight,
                "max_points": check.max_points * weight,
            }
        )
        for check in result.checks
    )
    update = {
        "checks": checks,
        "score": total(check.points for check in checks),
        "max_score": result.max_score * weight,
    }
    return result.model_copy(update=update)


def repriced(result: ExerciseResult, exercise: Exercise, weight: float, *, costs: frozenset[str]) -> ExerciseResult:
    """The same verdicts under the exercise's present points. costs: the kinds of certain findings that cost it."""
    unpaid = any(finding.certain and finding.kind in costs for finding in result.findings)
    checks = tuple(
        check.model_copy(
            update={
                "points": None if check.points is None else now.points if _earns(check, unpaid) else 0.0,
                "max_points": now.points,
            }
        )
        for check, now in zip(result.checks, exercise.checks, strict=True)
    )
    priced = exercise_result(exercise, checks, result.findings)
    return weighted(priced, weight)


def _earns(check: CheckResult, unpaid: bool) -> bool:
    return check.verdict == "passed" and not unpaid


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
