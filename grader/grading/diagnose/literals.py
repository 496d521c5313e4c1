"""Right and wrong results side by side as Python source, with as few digits as tell them apart."""

from __future__ import annotations

from torch import Tensor

from grader.cases.source import tensor_source
from grader.exercise import Exercise
from grader.grading.compare import to_tensor
from grader.wire.outcome import Array, Foreign, Outcome, Raised, Returned, Used

DIGITS = (4, 6, 9, 17)
"""Significant digits to try, until expected and actual look different."""


def pair_source(exercise: Exercise, output: str, expected: Tensor, outcome: Outcome) -> tuple[str, str]:
    """Expected and actual, with as few digits as tell them apart."""
    for digits in DIGITS:
        wanted = tensor_source(expected, digits, exercise.framework)
        got = _outcome_source(exercise, output, outcome, digits)
        if wanted != got:
            break
    return wanted, got


def _outcome_source(exercise: Exercise, output: str, outcome: Outcome, digits: int) -> str:
    if isinstance(outcome, Used):
        result = outcome.results.get(output, outcome.end)
    elif isinstance(outcome, Returned):
        position = list(exercise.asks).index(output)
        result = outcome.items[position] if position < len(outcome.items) else None
    else:
        result = outcome
    if isinstance(result, Raised):
        return f"{result.type_name}: {result.message}".rstrip(": ")
    if isinstance(result, Foreign):
        return {"none": "None", "text": repr(result.text)}.get(result.kind, result.text)
    return tensor_source(to_tensor(result), digits, exercise.framework) if isinstance(result, Array) else "nothing"
