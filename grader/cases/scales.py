"""By what the inputs of a scaled case are multiplied, so that its outputs get large while nothing saturates."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from grader.cases.drawing import BEYOND, PLAIN, Value, generator, with_given
from grader.cases.oracle import observe
from grader.exercise import Exercise, Normal

LARGE_OUTPUT = 20.0
"""A large output has an entry of at least this size."""
EXPONENTS = ((9, 0), (18, -9), (9, -9), (9, -12), (-18, 9), (12, -3))
"""Powers of 2 for one input and for all others that are tried."""
MAX_SETS = 3
"""How many sets of factors cases are drawn with: an exercise with many outputs would have two cases for each."""
TRIALS = 3
"""With how many inputs factors have to make an output large."""
DRAWS = 16
"""How many inputs are drawn until no output is 0 everywhere."""
SATURATION = 6.0


@dataclass(frozen=True)
class Scales:
    """factors: by input; outputs: those that get large with them."""

    factors: Mapping[str, float]
    outputs: frozenset[str] = field(default_factory=frozenset)


def large(exercise: Exercise, variant: str) -> tuple[Scales, ...]:
    """Factors under which outputs get large without saturation: a few sets that make every output large that can be.

    Where nothing gets large, one input does. The same under every secret.
    """
    rng = generator(b"scales", exercise.slug, variant)
    names = [each.name for each in exercise.parameters(variant) if isinstance(each.distribution, Normal)]
    if not names:
        return (Scales({}),)
    first, *others = (_trial(exercise, variant, rng) for _ in range(TRIALS))
    tried = [
        Scales(factors, _grown(exercise, first, factors))
        for (one, rest), chosen in itertools.product(EXPONENTS, names)
        for factors in [{name: 2.0 ** (one if name == chosen else rest) for name in names}]
    ]
    found: list[Scales] = []
    for scales in sorted(tried, key=lambda scales: -len(scales.outputs)):
        new = scales.outputs - {output for each in found for output in each.outputs}
        if new and all(new <= _grown(exercise, inputs, scales.factors) for inputs in others):
            found.append(scales)
    return tuple(found) or tuple(Scales({each: BEYOND if each == name else 0.5 for each in names}) for name in names)


def per_case(sets: Sequence[Scales]) -> tuple[Scales, ...]:
    """The factors of each large scaled case: two cases for each set, or two in all where no output gets large."""
    if sets[0].outputs:
        return tuple(each for each in sets[:MAX_SETS] for _ in range(2))
    return sets[0], sets[1 % len(sets)]


def _grown(exercise: Exercise, inputs: Mapping[str, Value], factors: Mapping[str, float]) -> frozenset[str]:
    """The outputs that get large with these factors; none where something saturates."""
    scaled = {name: value * factors[name] if name in factors else value for name, value in inputs.items()}
    outputs, observed = observe(exercise, with_given(exercise, scaled))
    if observed.saturation > SATURATION or not all(bool(torch.isfinite(value).all()) for value in outputs.values()):
        return frozenset()
    return frozenset(name for name, value in outputs.items() if _is_large(value))


def _is_large(value: torch.Tensor) -> bool:
    """Large enough for other inputs to be large too."""
    return value.is_floating_point() and bool((value.abs() >= 2 * LARGE_OUTPUT).any())


def _trial(exercise: Exercise, variant: str, rng: np.random.Generator) -> dict[str, Value]:
    """Inputs of a middle size, if possible such that no output is 0 everywhere."""
    ranges = {axis: exercise.sizes[axis] for axis in exercise.axis_names(variant)}
    every = itertools.product(*(range(low, min(high, low + 4) + 1) for low, high in ranges.values()))
    known = (dict(zip(ranges, sizes, strict=True)) for sizes in itertools.islice(every, 4096))
    allowed = [sizes for sizes in known if exercise.allows(sizes, variant)] or [
        {a: high for a, (_, high) in ranges.items()}
    ]
    for _ in range(DRAWS):
        inputs = {each.name: PLAIN.draw(each, allowed[len(allowed) // 2], rng) for each in exercise.parameters(variant)}
        inputs = with_given(exercise, inputs)
        outputs, _ = observe(exercise, inputs)
        if all(bool(value.any()) for value in outputs.values() if value.dtype != torch.bool):
            break
    return inputs
