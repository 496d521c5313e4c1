"""Perturb and see: which inputs a wrong result depends on, compared with those that the right one depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from grader.cases import oracle
from grader.cases.case import Case
from grader.exercise import Exercise
from grader.grading import feedback
from grader.grading.compare import to_tensor
from grader.grading.diagnose.observation import Observation, Rerun
from grader.wire.outcome import Array, Outcome, Returned

MAX_EXAMPLES = 2


def find(exercise: Exercise, output: str, failed: Sequence[Observation], call: Rerun) -> str:
    """A sentence about what an output wrongly depends on; "" where the public examples do not agree about it.

    failed: public examples on which the output is wrong; call: runs the submission on a public case.
    """
    examples = [o for o in failed if _value(exercise, output, o.outcome) is not None][-MAX_EXAMPLES:]
    if not examples:
        return ""
    if any(_differs(exercise, output, o.outcome, call(replace(o.case, name=f"{o.case.name}-again"))) for o in examples):
        return feedback.differs_between_calls(output)
    found = [set(_wrongly(exercise, output, observation, call)) for observation in examples]
    common = set.intersection(*found)
    for name in exercise.received:
        if (name, False) in common:
            return feedback.ignores(output, name)
        if (name, True) in common:
            return feedback.depends_needlessly(output, name)
    return ""


def _wrongly(exercise: Exercise, output: str, observation: Observation, call: Rerun) -> Iterator[tuple[str, bool]]:
    """Inputs whose change moves only one of the actual and the right result, and whether it moves the actual one."""
    for other, name, right in _perturbed(exercise, output, observation.case):
        outcome = call(other)
        if _value(exercise, output, outcome) is None:
            continue
        moves = _differs(exercise, output, observation.outcome, outcome)
        if moves == torch.equal(right, observation.case.expected[output].value):
            yield name, moves


def _perturbed(exercise: Exercise, output: str, case: Case) -> Iterator[tuple[Case, str, Tensor]]:
    """The case with all entries of one input at a time made a quarter larger, and the right result then."""
    for name in exercise.received:
        value = case.inputs[name]
        if isinstance(value, float) or (isinstance(value, Tensor) and value.is_floating_point()):
            inputs = {**case.inputs, name: value * 1.25}
            right = oracle.evaluate(exercise, inputs)[output]
            yield replace(case, name=f"{case.name}-perturbed-{name}", inputs=inputs), name, right


def _value(exercise: Exercise, output: str, outcome: Outcome) -> Array | None:
    position = list(exercise.asks).index(output)
    items = outcome.items if isinstance(outcome, Returned) else ()
    item = items[position] if len(items) == len(exercise.asks) else None
    return item if isinstance(item, Array) else None


def _differs(exercise: Exercise, output: str, one: Outcome, other: Outcome) -> bool:
    """Whether two results are visibly different; False where there is nothing to compare."""
    first, second = _value(exercise, output, one), _value(exercise, output, other)
    if first is None or second is None:
        return False
    if first.shape != second.shape:
        return True
    return not torch.allclose(to_tensor(first).double(), to_tensor(second).double(), rtol=1e-4, equal_nan=True)
