"""Advice in levels: first the place, then the idea, then the shown example line by line; each only when asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.source import call_source, tensor_source
from grader.course.catalog import Catalog
from grader.exercise import Exercise
from grader.grading.report import PlannedExercise
from grader.models import CheckResult, ExerciseResult
from grader.selfcheck import links, repair
from grader.views import statement, wording
from grader.wire.outcome import Outcome

log = logging.getLogger("grader.selfcheck")

DIGITS = 4
MAX_EXAMPLES = 40
"""Among how many public examples the shown one is looked for."""


@dataclass(frozen=True)
class WorkedLine:
    """One intermediate result on the shown example, as text; yours: "" where the student has no such variable."""

    name: str
    expected: str
    yours: str
    agrees: bool


def levels(
    result: ExerciseResult,
    item: PlannedExercise,
    place: str,
    courses: Catalog,
    call: Callable[[Case], Outcome],
    most: int | None = None,
) -> list[str]:
    """The levels of advice on the first check of an exercise that failed, each as one text, or the first few of them.

    place: the first intermediate result that goes wrong, as a sentence, or ""; call: runs the function on a case. What
    breaks here costs the rest of the advice and not the check.
    """
    found: list[str] = []
    try:
        found.extend(islice(_levels(result, item, place, courses, call), most))
    except Exception:
        log.exception("%s: no further advice", result.exercise)
    return found


def _levels(
    result: ExerciseResult, item: PlannedExercise, place: str, courses: Catalog, call: Callable[[Case], Outcome]
) -> Iterator[str]:
    failed = next((check for check in result.checks if check.verdict == "failed"), None)
    if failed is None:
        return
    if place:
        yield place
    yield failed.hint or " ".join(statement.key_idea(courses.statement(result.exercise)).split())
    shown = next((check for check in result.checks if check.counterexample), None)
    case = _shown(item, shown) if shown else None
    rows = list(worked(item.exercise, case, call)) if case else []
    twice = {row.name for row, after in pairwise(rows) if not row.yours and row.expected == after.expected}
    if rows := [row for row in rows if row.name not in twice]:  # the forward pass's result has several names
        yield wording.worked([(row.name, row.expected, row.yours, row.agrees) for row in rows])


def _shown(item: PlannedExercise, check: CheckResult) -> Case | None:
    """The public case that a check shows."""
    asked = next(each for each in item.exercise.checks if each.name == check.name)
    inputs = check.counterexample.inputs if check.counterexample else ""
    examples = islice(item.diagnosis.examples(asked.variant), MAX_EXAMPLES)
    return next((case for case in examples if call_source(item.exercise, case, asked.output) == inputs), None)


def worked(exercise: Exercise, case: Case, call: Callable[[Case], Outcome]) -> Iterator[WorkedLine]:
    """The intermediate results of the forward pass, then the student's own links, each beside the student's value."""
    values = repair.watched(exercise, case, call)[1] if exercise.use is None else {}
    left_out = {*case.inputs, *exercise.asks}
    known = [name for name in links.known_names(exercise, case.inputs) if name not in left_out]
    own = [name for name in values if name not in left_out and name not in known]
    for name in (*known, *own):
        answers = links.expected(exercise, name, case.inputs)
        if not answers:
            continue
        found = values.get(name, [])
        yours = _text(found[0]) if len(found) == 1 else ""
        agrees = bool(yours) and repair.agrees(exercise, name, values, answers)
        fits = [each.value for each in answers if isinstance(found, list) and found and _alike(found[0], each.value)]
        yield WorkedLine(name, _text((fits or [answers[0].value])[0]), yours, agrees)


def _alike(value: object, expected: Tensor) -> bool:
    return (
        isinstance(value, (Tensor, float, int)) and torch.as_tensor(value).squeeze().shape == expected.squeeze().shape
    )


def _text(value: object) -> str:
    """Numbers as a list; "" for anything else."""
    if not isinstance(value, (Tensor, float, int)):
        return ""
    source = tensor_source(torch.as_tensor(value).detach(), DIGITS)
    return source.removeprefix("torch.tensor(").removesuffix(")") if source.startswith("torch.tensor(") else source
