"""Wrong rules for what makes fewer numbers of many: sums, means, extremes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from grader.rules.rule import Operation, Rule, Table


def reduced_axes(o: Operation) -> tuple[int, ...]:
    """The axes that are reduced."""
    dim = o.argument("dim", 1, o.argument("axis", 1))
    if dim is None or isinstance(dim, torch.dtype):
        return tuple(range(o.x.ndim))
    return tuple(each % o.x.ndim for each in (dim if isinstance(dim, (tuple, list)) else (dim,)))


def entries(o: Operation) -> int:
    return math.prod(o.x.shape[axis] for axis in reduced_axes(o))


def spread(o: Operation, g: Tensor | None = None) -> Tensor:
    """The arriving gradient, spread over the reduced axes."""
    g = o.g if g is None else g
    if g.ndim < o.x.ndim:
        for axis in sorted(reduced_axes(o)):
            g = g.unsqueeze(axis)
    return g.expand_as(o.x)


def _of_entry(o: Operation, index: int) -> Tensor:
    """Only the first or last entry along the first reduced axis gets a gradient."""
    whole = o.gradient(0)
    kept = torch.zeros_like(whole)
    axis = min(reduced_axes(o))
    kept.select(axis, index).copy_(whole.select(axis, index))
    return kept


def _without(o: Operation, index: int) -> Tensor:
    """The result without the first or last row, and its own gradients."""
    kept = torch.ones_like(o.x)
    kept[index] = 0
    return o.value(o.x * kept)


def _wrong_size(o: Operation) -> Tensor:
    """Divided by the length of the first axis, where a mean goes over all of them or over another one."""
    return spread(o) / o.x.shape[0]


SUM = (
    Rule("mean-instead-of-sum", "This is a sum, not an average: nothing is divided.", lambda o: spread(o) / len(o.x)),
    Rule(
        "mean-instead-of-sum", "This is a sum, not an average: nothing is divided.", lambda o: spread(o) / o.x.numel()
    ),
    Rule(
        "last-observation-only",
        "Every entry contributes, and here only the last one does: is += missing in a loop?",
        lambda o: _of_entry(o, -1),
    ),
    Rule(
        "first-observation-only",
        "Every entry contributes, and here only the first one does.",
        lambda o: _of_entry(o, 0),
    ),
    Rule("counted-once-per-entry", "Each entry is counted once.", lambda o: spread(o) * entries(o)),
    Rule(
        "sum-value-for-slope",
        "This multiplies by what is summed; what is the derivative of a sum?",
        lambda o: spread(o) * o.x,
    ),
    Rule("upstream-dropped", "The gradient that arrives at {y} does not go on to {x}.", lambda o: torch.ones_like(o.x)),
    Rule("sum-held-fixed", "{y} depends on the input too: its gradient is missing.", lambda o: torch.zeros_like(o.x)),
    Rule(
        "last-row-left-out",
        "Every entry along the first axis counts in this sum: is the last one left out?",
        instead=lambda o: _without(o, -1),
    ),
    Rule(
        "first-row-left-out",
        "Every entry along the first axis counts in this sum: is the first one left out?",
        instead=lambda o: _without(o, 0),
    ),
    Rule(
        "sum-averaged",
        "The forward pass adds up; nothing is divided.",
        instead=lambda o: o.value(*o.operands) / entries(o),
    ),
    Rule(
        "sum-averaged",
        "The forward pass adds up; nothing is divided.",
        instead=lambda o: o.value(*o.operands) / len(o.x),
    ),
)
MEAN = (
    Rule("sum-instead-of-mean", "This is an average: what is each entry divided by?", lambda o: spread(o)),
    Rule(
        "divided-by-the-first-axis",
        "An average is divided by how many entries it is made of: all of them?",
        _wrong_size,
    ),
    Rule("divided-twice", "The average is divided once, not twice.", lambda o: spread(o) / entries(o) ** 2),
    Rule(
        "mean-held-fixed",
        "{y} depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
    Rule(
        "last-observation-only",
        "Every entry contributes, and here only the last one does: is += missing in a loop?",
        lambda o: _of_entry(o, -1),
    ),
    Rule(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on to {x}.",
        lambda o: torch.ones_like(o.x) / entries(o),
    ),
    Rule(
        "mean-summed",
        "The forward pass takes an average, not a sum.",
        instead=lambda o: o.value(*o.operands) * entries(o),
    ),
)
MEAN_SQUARE = (
    Rule(
        "variance-other-divisor",
        "Is this average divided by the number of entries, or by one less?",
        lambda o: o.gradient(0) * entries(o) / (entries(o) - 1),
    ),
    Rule(
        "variance-other-divisor",
        "Is this average divided by the number of entries, or by one less?",
        instead=lambda o: o.value(*o.operands) * entries(o) / (entries(o) - 1),
    ),
)
"""For the mean of squares, which is a variance where they are distances from a mean."""
CUMSUM = (
    Rule(
        "cumsum-not-reversed",
        "The first entry is part of every later sum: in which direction does its gradient add up?",
        lambda o: o.g.cumsum(reduced_axes(o)[0]),
    ),
    Rule("cumsum-ignored", "The first entry is part of every later sum.", lambda o: o.g),
    Rule(
        "cumsum-of-everything",
        "The last entry is part of the last sum only.",
        lambda o: o.g.sum(reduced_axes(o)[0], keepdim=True).expand_as(o.x),
    ),
)
PROD = (
    Rule("factor-dropped", "The derivative of a product by one factor contains all the others.", lambda o: spread(o)),
)
EXTREME = (
    Rule("gradient-to-every-entry", "Only the entry that is chosen gets a gradient.", lambda o: spread(o)),
    Rule(
        "gradient-shared",
        "Only the entry that is chosen gets a gradient: it is not shared among all.",
        lambda o: spread(o) / entries(o),
    ),
    Rule("times-the-extreme", "This multiplies by the chosen value; its slope is 1.", lambda o: o.gradient(0) * o.x),
    Rule(
        "extreme-held-fixed",
        "The chosen entry depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
    Rule(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on to {x}.",
        lambda o: (o.gradient(0) != 0).to(o.x.dtype),
    ),
)
PAIRWISE = (
    Rule("gradient-to-both", "Only the side that is chosen gets a gradient.", lambda o: o.gradients(o.g, o.g)),
    Rule(
        "sides-swapped",
        "The gradient goes to the side that is chosen, not to the other one.",
        lambda o: list(reversed(o.right())),
    ),
)


NORM = (
    Rule(
        "norm-held-fixed",
        "The length depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
    Rule("norm-squared", "That is half of the derivative of the squared length.", lambda o: o.g * o.x),
)

TABLE: Table = {
    "sum": SUM,
    "mean": MEAN,
    "mean_square": MEAN + MEAN_SQUARE,
    "cumsum": CUMSUM,
    "prod": PROD,
    "max": EXTREME,
    "min": EXTREME,
    "maximum": PAIRWISE,
    "minimum": PAIRWISE,
    "norm": NORM,
}
