"""Wrong rules for variances, standard deviations and whole normalisation layers."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from grader.rules.reductions import entries, reduced_axes, spread
from grader.rules.rule import Gradients, Operation, Rule, Table


def _centred(o: Operation) -> Tensor:
    return o.x - o.x.mean(reduced_axes(o), keepdim=True)


def _corrected(o: Operation) -> bool:
    """Whether the forward pass divides by one less than the number of entries."""
    return bool(o.kwargs.get("unbiased", o.kwargs.get("correction", o.argument("unbiased", 2, True))))


def _other_divisor(o: Operation) -> Tensor:
    """Biased where the forward pass is unbiased, and the other way round."""
    n = entries(o)
    return o.gradient(0) * ((n - 1) / n if _corrected(o) else n / (n - 1))


VAR = (
    Rule(
        "variance-held-fixed",
        "The variance depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
    Rule("no-factor-two", "What is the derivative of a square?", lambda o: o.gradient(0) / 2),
    Rule(
        "variance-not-divided",
        "The variance is an average: what is each square divided by?",
        lambda o: spread(o) * 2 * _centred(o),
    ),
    Rule("variance-other-divisor", "Is the variance divided by the number of entries, or by one less?", _other_divisor),
    Rule(
        "variance-not-centred",
        "Squared is the distance from the mean, not the value itself.",
        lambda o: spread(o) * 2 * o.x / entries(o),
    ),
    Rule("variance-divided-twice", "The average is divided once, not twice.", lambda o: o.gradient(0) / entries(o)),
    Rule(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on to {x}.",
        lambda o: 2 * _centred(o) / entries(o),
    ),
    Rule(
        "variance-other-divisor",
        "Is the variance divided by the number of entries, or by one less?",
        instead=lambda o: _other_variance(o),
    ),
)


def _other_variance(o: Operation) -> Tensor:
    n = entries(o)
    found: Tensor = o.value(*o.operands) * ((n - 1) / n if _corrected(o) else n / (n - 1))
    return found


STD = (
    Rule(
        "deviation-held-fixed",
        "The standard deviation depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
    Rule(
        "variance-for-deviation",
        "That is the derivative of the variance; a root sits on top of it.",
        lambda o: spread(o) * 2 * _centred(o) / entries(o),
    ),
    Rule("deviation-not-divided-by-itself", "The root's slope is missing.", lambda o: o.gradient(0) * spread(o, o.y)),
    Rule(
        "variance-not-divided",
        "The variance is an average: what is each square divided by?",
        lambda o: o.gradient(0) * entries(o),
    ),
    Rule("variance-other-divisor", "Is the variance divided by the number of entries, or by one less?", _other_divisor),
)


def _layer(slug: str, hint: str, wrong: Callable[[Tensor, Tensor, Tensor, tuple[int, ...]], Tensor]) -> Rule:
    """The input's gradient from: gradient of the normalised values, normalised values, 1 / deviation, axes."""

    def backward(o: Operation) -> Gradients:
        axes = _layer_axes(o)
        centred = o.x - o.x.mean(axes, keepdim=True)
        inverse = torch.rsqrt(centred.square().mean(axes, keepdim=True) + _eps(o))
        found = o.right()
        found[0] = wrong(o.g * _weight(o), centred * inverse, inverse, axes)
        return found

    return Rule(slug, hint, backward)


def _layer_axes(o: Operation) -> tuple[int, ...]:
    if o.function.__name__ == "layer_norm":
        shape = o.argument("normalized_shape", 1)
        return tuple(range(-len(shape) if not isinstance(shape, int) else -1, 0))
    return tuple(axis for axis in range(o.x.ndim) if axis != 1)


def _eps(o: Operation) -> float:
    return float(o.argument("eps", 4 if o.function.__name__ == "layer_norm" else 7, 1e-5))


def _weight(o: Operation) -> Tensor:
    position = 2 if o.function.__name__ == "layer_norm" else 3
    weight = o.argument("weight", position)
    if not isinstance(weight, Tensor):
        return torch.ones_like(o.x)
    if o.function.__name__ == "layer_norm":
        return weight.detach()
    return weight.detach().reshape(-1, *[1] * (o.x.ndim - 2))


LAYER = (
    _layer(
        "statistics-held-fixed",
        "Mean and variance depend on the input too: their gradients are missing.",
        lambda d, n, s, a: d * s,
    ),
    _layer(
        "variance-held-fixed",
        "The variance depends on the input too: its gradient is missing.",
        lambda d, n, s, a: (d - d.mean(a, keepdim=True)) * s,
    ),
    _layer(
        "mean-held-fixed",
        "The mean depends on the input too: its gradient is missing.",
        lambda d, n, s, a: (d - n * (d * n).mean(a, keepdim=True)) * s,
    ),
    _layer(
        "deviation-dropped",
        "What is divided in the forward pass is divided on the way back.",
        lambda d, n, s, a: d - d.mean(a, keepdim=True) - n * (d * n).mean(a, keepdim=True),
    ),
    _layer(
        "sum-instead-of-mean",
        "What is subtracted are averages, not sums.",
        lambda d, n, s, a: (d - d.sum(a, keepdim=True) - n * (d * n).sum(a, keepdim=True)) * s,
    ),
    Rule(
        "scale-dropped",
        "On its way back the gradient passes the layer's scale.",
        lambda o: o.gradient(0, o.g / _weight(o)),
    ),
)


def _parameter(slug: str, hint: str, position: int, wrong: Callable[[Operation], Tensor]) -> Rule:
    """The gradient of the scale or the shift, which are the last two operands."""

    def backward(o: Operation) -> Gradients:
        found = o.right()
        found[position] = wrong(o)
        return found

    return Rule(slug, hint, backward)


PARAMETERS = (
    _parameter(
        "scale-from-the-input",
        "The scale multiplies the normalised values, not the input.",
        -2,
        lambda o: _over_rest(o, o.g * o.x),
    ),
    _parameter(
        "scale-averaged", "The observations' contributions are added, not averaged.", -2, lambda o: _averaged(o, -2)
    ),
    _parameter(
        "shift-averaged", "The observations' contributions are added, not averaged.", -1, lambda o: _averaged(o, -1)
    ),
)


def _over_rest(o: Operation, value: Tensor) -> Tensor:
    axes = _layer_axes(o)
    kept = {axis % o.x.ndim for axis in axes} if o.function.__name__ == "layer_norm" else {1}
    return value.sum([axis for axis in range(o.x.ndim) if axis not in kept])


def _averaged(o: Operation, position: int) -> Tensor:
    gradient = o.gradient(position)
    return gradient * gradient.numel() / math.prod(o.x.shape)


TABLE: Table = {
    "var": VAR,
    "std": STD,
    "layer_norm": LAYER + PARAMETERS,
    "batch_norm": LAYER + PARAMETERS,
}
