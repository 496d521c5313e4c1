"""Where a derivative or a decision jumps, and how far an evaluation stayed away from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

AT_ZERO = frozenset("relu abs sgn sign leaky_relu".split())
COMPARISONS = frozenset("gt ge lt le maximum minimum".split())
BOUNDS = frozenset("clamp clamp_min clamp_max hardtanh threshold".split())
EXTREMES = frozenset("max min amax amin argmax argmin sort topk".split())
SATURATING = frozenset("sigmoid tanh exp _softmax _log_softmax".split())
WATCHED = AT_ZERO | COMPARISONS | BOUNDS | EXTREMES | SATURATING | {"sub"}


@dataclass
class Observed:
    """What one evaluation met on its way.

    decides: some operation has a kink at all.
    kinks: some operand sat exactly where a derivative jumps.
    margin: the smallest other distance from such a place, as a fraction of the largest in the same operation.
    one_sided: some decision, or some difference of two tensors, (of two or more elements) went the same way
        for every element.
    sign: the sign of the first difference of two tensors of one element, 0 where there is none.
    saturation: the largest magnitude that went into a sigmoid, tanh, exp or softmax.
    """

    decides: bool = False
    kinks: bool = False
    margin: float = 1.0
    one_sided: bool = False
    sign: int = 0
    saturation: float = 0.0

    def watch(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Note what this operation is about to do; whether it sits exactly at a kink."""
        if name not in WATCHED:
            return False
        if name in SATURATING and args[0].numel():
            self.saturation = max(self.saturation, float(args[0].abs().max()))
        if name == "sub" and all(isinstance(arg, Tensor) for arg in args[:2]):
            self._difference(args[0] - args[1])
        distances = [each for each in _distances(name, args, kwargs) if each.numel()]
        exactly = False
        for distance in distances:
            self.decides = True
            size = distance.abs()
            exactly |= bool((size == 0).any())
            if bool((size > 0).any()):
                self.margin = min(self.margin, float(size[size > 0].min() / size.max()))
            if distance.numel() > 1 and name not in EXTREMES:
                self.one_sided |= bool((distance > 0).all() or (distance <= 0).all())
        self.kinks |= exactly
        return exactly

    def _difference(self, difference: Tensor) -> None:
        if difference.numel() > 1:
            self.one_sided |= bool((difference > 0).all() or (difference < 0).all())
        elif difference.numel() == 1 and self.sign == 0:
            self.sign = int(difference.sign())


def _distances(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Tensor]:
    """Signed distance of each element from each place where the derivative (or the decision) jumps."""
    if not any(isinstance(arg, Tensor) and arg.is_floating_point() for arg in args[:2]):
        return []
    if name in AT_ZERO:
        return [torch.as_tensor(args[0])]
    if name in COMPARISONS or (name in {"max", "min"} and len(args) > 1 and isinstance(args[1], Tensor)):
        return [torch.as_tensor(args[0] - args[1])]
    if name in BOUNDS:
        named = [kwargs[key] for key in ("min", "max") if key in kwargs]
        bounds = args[1:2] if name == "threshold" else [*args[1:3], *named]
        return [torch.as_tensor(args[0] - bound) for bound in bounds if bound is not None]
    if name in EXTREMES:
        return [_gaps(args, kwargs)]
    return []


def _gaps(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor:
    """How far neighbours in rank are apart, along the dimension in question or over everything."""
    dims = kwargs.get("dim", next((arg for arg in args[1:] if not isinstance(arg, bool)), None))
    dims = [dims] if isinstance(dims, int) else list(dims or [])
    values = args[0].movedim(dims, list(range(-len(dims), 0))).flatten(-len(dims)) if dims else args[0].flatten()
    ranked: Tensor = values.sort(-1).values
    gaps: Tensor = ranked[..., 1:] - ranked[..., :-1]
    return gaps
