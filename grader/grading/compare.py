"""Decides whether what came back is the right answer: type, dtype, shape, finiteness, values, in this order.

Longer than most files: the order of these tests is the meaning of a verdict, and is read in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.oracle import DOUBLE, Expected
from grader.exercise import Exercise
from grader.grading import draws, feedback
from grader.models import Verdict
from grader.wire.outcome import Array, Foreign, Item, Misfit, NotDefined, Outcome, Raised, Returned, Stopped, Used
from grader.wire.protocol import Framework

Kind = Literal[
    "right",
    "not_defined",
    "not_implemented",
    "raised",
    "stopped",
    "count",
    "misfit",
    "type",
    "dtype",
    "shape",
    "precision",
    "draw",
    "values_in_wrong_shape",
    "not_finite",
    "zeros",
    "values",
    "subgradient",
]

FLOATS = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64}
OTHERS = {
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
DTYPES: Mapping[str, torch.dtype] = {**FLOATS, **OTHERS}
CONTAINERS: Mapping[Framework, tuple[str, ...]] = {
    "torch": ("tensor", "number"),
    "numpy": ("array", "number"),
    "python": ("list", "number"),
}
"""What holds results in each framework; a number stands for a result without axes."""


@dataclass(frozen=True)
class Judgement:
    """What one case says about one output.

    actual: the returned tensor as it came, where one came; note: something worth mentioning that costs nothing.
    """

    verdict: Verdict
    kind: Kind
    message: str = ""
    actual: Tensor | None = None
    note: str = ""


SLACK = 2.0**-13


def judge(exercise: Exercise, case: Case, outcome: Outcome) -> dict[str, Judgement]:
    """One judgement per output of the exercise."""
    case = observed(exercise, case, outcome)
    judged = _judged(exercise, case, outcome)
    if exercise.draws:
        judged = {output: _of_draws(exercise, case, output, each) for output, each in judged.items()}
    return judged if case.counts else {output: _at_kink(case, output, each) for output, each in judged.items()}


def observed(exercise: Exercise, case: Case, outcome: Outcome) -> Case:
    """The case as one submission has it: the right answers for the masks that its results show.

    The same case where the student's code draws nothing, or its draws have been read before.
    """
    if not exercise.draws or case.drawn is not None:
        return case
    found = {name: to_tensor(item) for name, item in _results(exercise, outcome).items() if isinstance(item, Array)}
    return draws.read(exercise, case, found)


def _results(exercise: Exercise, outcome: Outcome) -> Mapping[str, object]:
    """What came, by output."""
    if isinstance(outcome, Used):
        return outcome.results
    items = outcome.items if isinstance(outcome, Returned) else ()
    return dict(zip(exercise.asks, items, strict=False)) if len(items) == len(exercise.asks) else {}


def _of_draws(exercise: Exercise, case: Case, output: str, judgement: Judgement) -> Judgement:
    """The judgement unless the output is no draw, or rests on one that shows nothing."""
    if judgement.actual is None or judgement.kind in ("type", "dtype", "shape", "values_in_wrong_shape"):
        return judgement
    problem = draws.unseen(exercise, case, output)
    if not problem and judgement.verdict == "passed":
        problem = draws.irregular(exercise, case, output)
    return Judgement("failed", "draw", problem, judgement.actual) if problem else judgement


def _at_kink(case: Case, output: str, judgement: Judgement) -> Judgement:
    """Another subgradient than torch's passes; everything else that is wrong stays wrong."""
    actual, expected = judgement.actual, case.expected[output]
    if judgement.kind not in ("values", "zeros") or actual is None or output not in case.reaches:
        return judgement
    if not case.reaches[output].contains(actual.reshape(expected.value.shape), expected):
        return judgement
    return Judgement("passed", "subgradient", actual=actual)


def _judged(exercise: Exercise, case: Case, outcome: Outcome) -> dict[str, Judgement]:
    if isinstance(outcome, Used):
        return {output: _of_use(exercise, case, output, outcome) for output in exercise.asks}
    outputs = tuple(exercise.asks)
    if not isinstance(outcome, Returned):
        judgement = _no_result(exercise.entry_point, outcome)
        return dict.fromkeys(outputs, judgement)
    if outcome.bare and isinstance(outcome.items[0], Foreign) and outcome.items[0].kind == "none":
        message = feedback.returned_none(exercise.entry_point, outputs, outcome.items[0].text)
        return dict.fromkeys(outputs, Judgement("missing", "not_implemented", message))
    if len(outcome.items) != len(outputs):
        message = feedback.wrong_count(exercise.entry_point, outputs, len(outcome.items), outcome.bare)
        return dict.fromkeys(outputs, Judgement("failed", "count", message))
    items = outcome.items if outcome.bare or len(outputs) > 1 else (_row(outcome.items[0], case.expected[outputs[0]]),)
    return {
        output: compare(exercise, output, item, case.expected[output])
        for output, item in zip(outputs, items, strict=True)
    }


def _row(item: Item, expected: Expected) -> Item:
    """The one member of a returned list as the matrix of one row that [[1, 2]] stands for, where one is wanted."""
    if isinstance(item, Array) and item.container in ("list", "number"):
        shape = (1, *item.shape)
        return replace(item, shape=shape, container="list") if shape == tuple(expected.value.shape) else item
    return item


def _of_use(exercise: Exercise, case: Case, output: str, outcome: Used) -> Judgement:
    """What a use says about one output: its result, why computing it failed, or what ended the use before it."""
    usage = exercise.usage
    assert usage is not None
    result = outcome.results.get(output, outcome.end)
    if isinstance(result, Foreign) and result.kind == "none" and output in usage.looked_up:
        return Judgement("missing", "not_implemented", feedback.no_value(output))
    if isinstance(result, (Array, Foreign)):
        return compare(exercise, output, result, case.expected[output])
    if isinstance(result, Misfit):
        if result.kind == "none" and result is not outcome.end:  # as for a function alone
            return Judgement("missing", "not_implemented", feedback.misfit(usage, result))
        return Judgement("errored", "misfit", feedback.misfit(usage, result))
    if isinstance(result, NotDefined):
        return _no_result(result.name, result)
    if result is None:
        return Judgement("missing", "not_implemented", feedback.not_implemented(output))
    name = usage.called_at(result.line) if isinstance(result, Raised) else ""
    return _no_result(name or exercise.slug, result)


def compare(exercise: Exercise, output: str, item: Item, expected: Expected) -> Judgement:
    """Whether one returned item is the expected tensor, within its elementwise tolerance."""
    if isinstance(item, Foreign):
        return _item_problem(exercise.framework, item, output)
    actual = to_tensor(item)
    wanted = expected.value
    unusual = item.container not in CONTAINERS[exercise.framework]
    if unusual and exercise.strict:
        return Judgement("failed", "type", feedback.wrong_type(exercise.framework, output, item.container), actual)
    if not _fits(item, wanted):
        message = feedback.wrong_dtype(exercise.framework, output, wanted.dtype, item.dtype)
        return Judgement("failed", "dtype", message, actual)
    actual = actual if actual.is_floating_point() or actual.dtype == wanted.dtype else actual.to(wanted.dtype)
    if actual.shape != wanted.shape:
        if not (exercise.squeeze and actual.squeeze().shape == wanted.squeeze().shape):
            return _wrong_shape(output, actual, expected)
        actual = actual.reshape(wanted.shape)
    if agrees(actual, expected):
        return Judgement("passed", "right", actual=actual, note=_note(exercise, output, item, unusual))
    if exercise.precision == "float64" and _agrees_roughly(actual, expected):
        return Judgement("failed", "precision", feedback.not_precise(output, item.dtype), actual)
    return _wrong_values(output, actual, expected)


def _fits(item: Array, wanted: Tensor) -> bool:
    """Whether the kind of number is the one that is asked for; lists and numbers do not tell 2 from 2.0."""
    if wanted.dtype == torch.bool or item.dtype == "bool":
        return wanted.dtype == torch.bool and item.dtype == "bool"
    return item.dtype in FLOATS or not wanted.is_floating_point() or item.container in ("list", "number")


def _note(exercise: Exercise, output: str, item: Array, unusual: bool) -> str:
    if unusual:
        return feedback.container_note(exercise.framework, output, item.container)
    usual = "float32" if exercise.framework == "torch" else "float64"
    if item.dtype in FLOATS and item.dtype != usual and item.container in ("tensor", "array", "number"):
        return feedback.cast_note(output, item.dtype, usual)
    return ""


def _agrees_roughly(actual: Tensor, expected: Expected) -> bool:
    """Right to the precision of float32, where that of float64 is asked for."""
    return agrees(actual, Expected(expected.value, expected.tolerance / DOUBLE))


def agrees(actual: Tensor, expected: Expected) -> bool:
    """Every element is finite and within its tolerance; the shapes must already be equal."""
    if not expected.value.is_floating_point():
        return actual.shape == expected.value.shape and bool((actual.double() == expected.value.double()).all())
    difference = (actual.double() - expected.value).abs()
    # `<=` is False for NaN, and an infinite difference exceeds every tolerance: fail closed.
    return actual.shape == expected.value.shape and bool((difference <= expected.tolerance).all())


def slack(expected: Expected) -> float:
    """How far, relative to its largest entry, a value may be off on this case and still be meant.

    A wrong formula has no tolerance of its own. Its rounding errors are about as large as those of the right
    one, which are known, while two formulas that differ do so by far more than this on some case.
    """
    if not expected.value.is_floating_point() or not bool(expected.value.any()):
        return SLACK
    return max(SLACK, 4 * float(expected.tolerance.max() / expected.value.abs().max()))


def resembles(actual: Tensor, predicted: Tensor, relative: float) -> bool:
    """Whether a result is what a formula gives: same kind of number, same shape, close to it where it is finite."""
    if actual.is_floating_point() != predicted.is_floating_point() or actual.shape != predicted.shape:
        return False
    if not actual.is_floating_point():
        return bool((actual == predicted).all())
    finite = torch.isfinite(predicted)
    if not bool(finite.all()):
        if not bool((torch.isfinite(actual) == finite).all()):
            return False
        actual, predicted = actual[finite], predicted[finite]
    if predicted.numel() == 0:
        return True
    difference = (actual.double() - predicted.double()).abs()
    return bool((difference <= relative * predicted.abs().max()).all())


def to_tensor(item: Array) -> Tensor:
    """The tensor that the checked bytes describe."""
    if not item.data:
        return torch.empty(item.shape, dtype=DTYPES[item.dtype])
    return torch.frombuffer(bytearray(item.data), dtype=DTYPES[item.dtype]).reshape(item.shape)


def _no_result(entry_point: str, outcome: Outcome) -> Judgement:
    if isinstance(outcome, NotDefined):
        verdict: Verdict = "errored" if outcome.detail else "missing"
        return Judgement(verdict, "not_defined", feedback.not_defined(entry_point, outcome.detail))
    if isinstance(outcome, Stopped):
        return Judgement(outcome.verdict, "stopped", outcome.detail)
    assert isinstance(outcome, Raised)
    # torch raises NotImplementedError as well, for `^` between floats: only the student's own `raise` is a stub.
    own = not outcome.frames or "raise NotImplemented" in outcome.frames[-1].code
    if outcome.type_name in ("NotImplementedError", "TypeError") and own:
        return Judgement("missing", "not_implemented", feedback.not_implemented(entry_point))
    return Judgement("errored", "raised", feedback.raised(entry_point, outcome))


def _item_problem(framework: Framework, item: Foreign, output: str) -> Judgement:
    if item.kind == "none":
        return Judgement("missing", "not_implemented", feedback.output_none(output, item.text))
    return Judgement("failed", "type", feedback.wrong_type(framework, output, item.kind))


def _wrong_shape(output: str, actual: Tensor, expected: Expected) -> Judgement:
    wanted = expected.value
    got, want = tuple(actual.shape), tuple(wanted.shape)
    if actual.numel() == wanted.numel() and wanted.numel() > 0:
        if agrees(actual.reshape(want), expected):
            return Judgement("failed", "values_in_wrong_shape", feedback.reshaped(output, want, got), actual)
        if actual.ndim == 2 and got[::-1] == want and agrees(actual.T, expected):
            return Judgement("failed", "values_in_wrong_shape", feedback.transposed(output, want, got), actual)
    return Judgement("failed", "shape", feedback.wrong_shape(output, want, got), actual)


def _wrong_values(output: str, actual: Tensor, expected: Expected) -> Judgement:
    wanted = expected.value
    if actual.is_floating_point():
        if not bool(torch.isfinite(actual).all()):
            return Judgement(
                "failed", "not_finite", feedback.not_finite(output, bool(torch.isnan(actual).any())), actual
            )
        if actual.numel() and not bool(actual.any()):
            return Judgement("failed", "zeros", feedback.zeros(output), actual)
    within = (actual.double() - wanted.double()).abs() <= expected.tolerance
    return Judgement("failed", "values", feedback.wrong_values(output, int((~within).sum()), wanted.numel()), actual)
