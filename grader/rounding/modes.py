"""Watching one float64 evaluation, and repeating it with every operation slightly off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from grader.rounding.kinks import Observed
from grader.rounding.operations import UNIT, base_name, error_scale, exact_zeros, refuse


class Diverged(Exception):
    """A disturbed run took another path than the undisturbed one: rounding decides something."""


@dataclass
class Step:
    """One recorded operation: its name, the size of its error (None: exact), and which zeros are exact."""

    name: str
    scale: Tensor | None
    zeros: Tensor | None


class _Mode(TorchDispatchMode):
    """A dispatch mode that never compiles, so that torch need not import its compiler (a second of start-up)."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


@dataclass
class Trace(_Mode):
    """Watches one float64 evaluation, and (unless `measure` is off) records each operation's error size.

    last_kink: the position of the last operation that sat exactly at a kink. Up to there a 0 that float32 computes
    exactly stays 0 in the disturbed runs; after it, and where nothing sits at a kink, zeros are as inexact as
    anything else, because a correct implementation may arrive at them by another route (a mean times N).
    """

    measure: bool = True
    observed: Observed = field(default_factory=Observed)
    steps: list[Step] = field(default_factory=list)
    last_kink: int = -1

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = base_name(func)
        if self.observed.watch(name, args, kwargs):
            self.last_kink = len(self.steps)
        before = _copied(args) if self.measure and func._schema.is_mutable else args
        out = func(*args, **kwargs)
        refuse(name, func, before, out)
        if self.measure:
            scale = error_scale(name, func, before, kwargs, out)
            self.steps.append(Step(name, scale, exact_zeros(name, before, out, scale)))
        return out


@dataclass
class Disturbed(_Mode):
    """Repeats a traced evaluation with every operation off by a random multiple of its float32 error.

    Raises Diverged where the evaluation does not meet the traced operations again.
    """

    trace: Trace
    generator: torch.Generator
    position: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if self.position >= len(self.trace.steps):
            raise Diverged
        step = self.trace.steps[self.position]
        scale = step.scale
        if step.name != base_name(func) or (scale is not None and scale.shape != out.shape):
            raise Diverged
        if scale is not None:
            noise = torch.randn(out.shape, dtype=out.dtype, generator=self.generator).mul_(scale).mul_(UNIT)
            if step.zeros is not None and self.position < self.trace.last_kink:
                noise.masked_fill_(step.zeros, 0.0)
            # `out` is new memory or, for an in-place operation, the memory that was just written: never a mere view.
            out.add_(noise)
        self.position += 1
        return out


def _copied(args: Sequence[Any]) -> list[Any]:
    return [arg.clone() if isinstance(arg, Tensor) else arg for arg in args]
