"""Watching one float64 evaluation, and repeating it with every operation slightly off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from grader.cases.rounding.kinks import Observed
from grader.cases.rounding.operations import (
    SUMS,
    UNIT,
    base_name,
    error_scales,
    exact_entries,
    measured_scales,
    refuse,
    results,
    squared_sum_scale,
)


class Diverged(Exception):
    """A disturbed run took another path than the undisturbed one: rounding decides something."""


@dataclass
class Step:
    """One recorded operation: its name and, for each of its results, the size of the error (None: exact).

    zeros: which entries of the first result are exact zeros.
    """

    name: str
    scales: tuple[Tensor | None, ...]
    zeros: Tensor | None


class Mode(TorchDispatchMode):
    """A dispatch mode that never compiles, so that torch need not import its compiler (a second of start-up)."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


@dataclass
class Trace(Mode):
    """Watches one float64 evaluation, and (unless `measure` is off) records each operation's error size.

    last_kink: the position of the last operation that sat exactly at a kink. Up to there a 0 that float32 computes
    exactly stays 0 in the disturbed runs; after it, and where nothing sits at a kink, zeros are as inexact as
    anything else, because a correct implementation may arrive at them by another route (a mean times N).
    """

    measure: bool = True
    observed: Observed = field(default_factory=Observed)
    steps: list[Step] = field(default_factory=list)
    last_kink: int = -1
    made: dict[int, tuple[str, Tensor, Tensor]] = field(default_factory=dict)
    """Address -> the operation that wrote a tensor there, the tensor (it keeps the address taken), its error size."""
    measured: set[str] = field(default_factory=set)
    """Operations whose error is measured on the case itself, because no bound is known."""

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = base_name(func)
        if self.observed.watch(name, args, kwargs):
            self.last_kink = len(self.steps)
        before = _copied(args) if self.measure and func._schema.is_mutable else args
        out = func(*args, **kwargs)
        self.observed.sorted(name, args, kwargs, out)
        refuse(name, func, before, out)
        if self.measure:
            squared = self._squared(name, before, out)
            sizes = (squared,) if squared is not None else self._scales(name, func, before, kwargs, out)
            scales = tuple(map(_of_numbers, sizes, results(out)))
            for result, scale in zip(results(out), scales, strict=True):
                if scale is not None:
                    self.made[result.data_ptr()] = (name, result, scale)
            zeros = exact_entries(name, before, out, scales[0]) if len(scales) == 1 else None
            self.steps.append(Step(name, scales, zeros))
        return out

    def _scales(
        self, name: str, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any
    ) -> tuple[Tensor | None, ...]:
        known = error_scales(name, func, args, kwargs, out)
        if known is not None:
            return known
        self.measured.add(name)
        return measured_scales(func, args, kwargs, out)

    def last_error(self, tensor: Tensor) -> Tensor | None:
        """The error size of the operation that made this very tensor; None for an exact one such as a copy."""
        _, made, scale = self.made.get(tensor.data_ptr(), ("", None, None))
        return scale if made is not None and made.shape == tensor.shape else None

    def _squared(self, name: str, args: Sequence[Any], out: Any) -> Tensor | None:
        if name != "square" and not (name == "pow" and args[1:2] == (2,)):
            return None
        terms = self.last_error(args[0])
        if terms is None or self.made[args[0].data_ptr()][0] not in SUMS:
            return None
        return squared_sum_scale(terms, out)


@dataclass
class Disturbed(Mode):
    """Repeats a traced evaluation with every operation off by the given noise, as `noises` makes it.

    Raises Diverged where the evaluation does not meet the traced operations again.
    """

    trace: Trace
    noise: Sequence[tuple[Tensor | None, ...]]
    position: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if self.position >= len(self.noise) or self.trace.steps[self.position].name != base_name(func):
            raise Diverged
        for result, noise in zip(results(out), self.noise[self.position], strict=True):
            if noise is not None:
                if noise.shape != result.shape:
                    raise Diverged
                # New memory or, for an in-place operation, the memory that was just written: never a mere view.
                result.add_(noise)
        self.position += 1
        return out


Noise = tuple["Tensor | None", ...]
"""What is added to each result of one operation."""


def noises(trace: Trace, runs: int, generator: torch.Generator) -> list[list[Noise]]:
    """For each run and each traced operation a random multiple of its float32 error; all drawn at once for speed."""
    scales = [_kept_zeros(step, position < trace.last_kink) for position, step in enumerate(trace.steps)]
    inexact = [scale for step in scales for scale in step if scale is not None]
    if not inexact:
        return [list(scales) for _ in range(runs)]
    flat = torch.cat([scale.reshape(-1) for scale in inexact]) * UNIT
    drawn = torch.randn(runs, len(flat), dtype=flat.dtype, generator=generator).mul_(flat)
    sizes = [scale.numel() for scale in inexact]
    parts = [iter(row.split(sizes)) for row in drawn]
    return [
        [tuple(None if scale is None else next(part).view(scale.shape) for scale in step) for step in scales]
        for part in parts
    ]


def _kept_zeros(step: Step, before_kink: bool) -> tuple[Tensor | None, ...]:
    if step.scales[0] is None or step.zeros is None or not before_kink:
        return step.scales
    return (step.scales[0].masked_fill(step.zeros, 0.0), *step.scales[1:])


def _of_numbers(size: Tensor | None, result: Any) -> Tensor | None:
    """The error size where the result is a number: a mask of minus infinity is exact."""
    return size if size is None else size.masked_fill(~torch.isfinite(result), 0.0)


def _copied(args: Sequence[Any]) -> list[Any]:
    return [arg.clone() if isinstance(arg, Tensor) else arg for arg in args]
