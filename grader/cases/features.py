"""The features that a case of each family should have: what is missing in a candidate, and what can be added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from grader.cases.drawing import Drawing, Value, with_given
from grader.cases.misreadings import clipped, equal_rows_once, observations_once, repeats_observations, shortened
from grader.cases.oracle import Outputs, double, evaluate
from grader.cases.rounding import Choice, Observed
from grader.cases.scales import LARGE_OUTPUT, Scales
from grader.exercise import Exercise, Predicate, parameter_names

MAJOR = 10
"""The weight of a feature that is worth a longer search."""
NARROW = 2.0**-10
"""How far, relative to the factor on one input that would change it, a narrow decision is from changing."""
FACTORS = (0.4, 0.6, 0.8, 1.0, 1.25, 1.6, 2.5)
STEEP = 7.4
"""What goes into a sigmoid where a submission must not cut off probabilities: 1 - sigmoid(7.4) is 0.0006."""


def missing_feature_penalty(
    exercise: Exercise,
    variant: str,
    drawing: Drawing,
    scales: Scales,
    inputs: Mapping[str, Value],
    outputs: Outputs,
    observed: Observed,
) -> int:
    """The weight of the features that a case of this family should have and that are missing.

    Major: every output can tell a wrong answer; entries far outside the usual range (scaled), repeated rows (lattice),
    repeated observations and the zeros of each input (zeros) and the far half of an axis (large) matter, and so does
    the choice at a kink, for as many outputs as possible; outputs are large or small (scaled); square outputs are not
    symmetric.
    Minor: decisions and differences go both ways, a lone difference is positive in even cases and negative in odd ones.
    """
    wanted_sign = 1 - 2 * (drawing.index % 2)
    penalty = 0 if drawing.family == "zeros" else MAJOR * sum(not is_informative(value) for value in outputs.values())
    penalty += observed.one_sided + (observed.sign not in (0, wanted_sign))
    if (misread := _misread(exercise, variant, drawing, inputs)) is not None:
        other = evaluate(exercise, misread)
        penalty += MAJOR * (not any(differs(other[name], outputs[name]) for name in outputs))
    for name in parameter_names(exercise.forward) if drawing.family == "zeros" else ():
        if (filled := _without_zeros(inputs, name)) is not None:
            other = evaluate(exercise, with_given(exercise, filled))
            penalty += MAJOR * (not any(differs(other[output], outputs[output]) for output in outputs))
    if drawing.scaled == "large":
        penalty += MAJOR * sum(float(outputs[name].abs().max()) < LARGE_OUTPUT for name in scales.outputs)
    if drawing.family == "square":
        penalty += MAJOR * sum(value.ndim == 2 and torch.equal(value, value.T) for value in outputs.values())
    if drawing.family == "kink":
        with Choice(usual=1):
            other = evaluate(exercise, inputs)
        penalty += MAJOR * sum(not differs(other[name], outputs[name]) for name in outputs)
    return penalty


def _misread(
    exercise: Exercise, variant: str, drawing: Drawing, inputs: Mapping[str, Value]
) -> dict[str, Value] | None:
    """The inputs as those read them whom the family is there to reveal."""
    if drawing.scaled == "large":
        return clipped(exercise, inputs)
    if drawing.family == "lattice":
        return equal_rows_once(exercise, inputs)
    if drawing.family == "large":
        return shortened(exercise, variant, exercise.axis_names(variant)[drawing.index // 2], inputs)
    if drawing.family == "zeros":
        repeated = repeats_observations(exercise, variant, inputs)
        return observations_once(exercise, variant, inputs) if repeated else None
    return None


def _without_zeros(inputs: Mapping[str, Value], name: str) -> dict[str, Value] | None:
    """The inputs with ones for the zeros of one of them; None where it has none."""
    value = inputs[name]
    if not isinstance(value, Tensor) or not value.is_floating_point() or bool((value != 0).all()):
        return None
    return {**inputs, name: value.masked_fill(value == 0, 1.0)}


def sharpened(exercise: Exercise, drawing: Drawing, inputs: dict[str, Value]) -> dict[str, Value]:
    """The inputs with one of them multiplied so that decisions are narrow: yes in even cases and no in odd ones."""
    if drawing.family == "kink":
        return inputs
    for output, ask in exercise.asks.items():
        if isinstance(ask, Predicate):
            inputs = _narrow(exercise, output, inputs, drawing.index)
    return inputs


def is_informative(value: Tensor) -> bool:
    """Whether an output tells wrong answers from right ones: finite, not all 0, not constant where it is boolean."""
    if value.dtype == torch.bool:
        return value.numel() < 2 or bool(value.any() and not value.all())
    return bool(torch.isfinite(value).all() and (value != 0).any())


def differs(value: Tensor, other: Tensor) -> bool:
    """Whether two results are visibly different."""
    if value.dtype == torch.bool or not value.is_floating_point():
        return not torch.equal(value, other)
    return bool(((value - other).abs() > 1e-6 * (1 + other.abs().max())).any())


def _narrow(exercise: Exercise, output: str, inputs: dict[str, Value], index: int) -> dict[str, Value]:
    """One input multiplied so that an entry of a boolean output nearly changes; unchanged where no factor does that."""
    function = exercise.function_of(output)
    doubles = {name: double(inputs[name]) for name in parameter_names(function)}
    names = [name for name, value in doubles.items() if isinstance(value, Tensor) and value.is_floating_point()]

    def decisions(name: str, factor: float) -> Tensor:
        answer: Any = function(**{**doubles, name: doubles[name] * factor})
        return torch.as_tensor(answer)

    for name in names[::-1]:
        for low, high in _changes(lambda factor, name=name: decisions(name, factor)):
            for factor, other in ((low * (1 - NARROW), high), (high * (1 + NARROW), low)):
                here, there = decisions(name, factor), decisions(name, other)
                if bool(((here == (index % 2 == 0)) & (there != here)).any()):
                    return {**inputs, name: inputs[name] * factor}
    return inputs


def _changes(decide: Any) -> Iterator[tuple[float, float]]:
    """Pairs of close factors between which a decision changes."""
    answers = [decide(factor) for factor in FACTORS]
    for (low, high), (before, after) in zip(pairwise(FACTORS), pairwise(answers), strict=True):
        if torch.equal(before, after):
            continue
        for _ in range(14):
            middle = (low + high) / 2
            low, high = (low, middle) if not torch.equal(decide(middle), before) else (middle, high)
        yield low, high
