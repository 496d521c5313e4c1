"""Says what numbers have to do with the sizes of the cases that they come from."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from grader.grading import feedback

POWERS = (-1.0, 1.0, -0.5, 0.5, -2.0, 2.0)
"""In the order in which they are tried."""


def factor(known: Sequence[tuple[float, Mapping[str, int]]]) -> str | None:
    """A factor in words, from its value and the sizes of each case; None where it says nothing.

    Nothing is said of the factors 0 and 1: of what is left out and of what is right something else is told.
    """
    if not known:
        return None
    values = torch.tensor([value for value, _ in known], dtype=torch.float64)
    if (constant := same(values)) is not None:
        return None if constant in (0.0, 1.0) else feedback.multiple(constant)
    axes = positive([sizes for _, sizes in known])
    for axis, power in itertools.product(axes, POWERS):
        size = torch.tensor([sizes[axis] for _, sizes in known], dtype=torch.float64)
        if same(values / size**power) == 1.0:
            return feedback.times_size(axis, power)
    for right, wrong in itertools.permutations(axes, 2):
        ratio = torch.tensor([sizes[right] / sizes[wrong] for _, sizes in known], dtype=torch.float64)
        for power in (1.0, 0.5):
            if same(values / ratio**power) == 1.0:
                return feedback.times_ratio(right, wrong, power)
    return None


def positive(cases: Sequence[Mapping[str, int]]) -> tuple[str, ...]:
    """The sizes that may be a factor or a divisor in all cases; a padding may be 0."""
    return tuple(name for name in cases[0] if all(sizes[name] > 0 for sizes in cases))


def same(values: Tensor) -> float | None:
    """The simple number that all values are, within a thousandth."""
    middle = float(values.median())
    if not bool(((values - middle).abs() <= 1e-3 * abs(middle)).all()):
        return None
    simple = round(middle * 12) / 12
    return simple if simple and abs(simple - middle) < 2e-3 * abs(middle) else middle
