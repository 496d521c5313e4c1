"""How far correct float32 arithmetic may be from the float64 oracle, for any forward pass built of known operations.

The oracle is run again a few times while a dispatch mode disturbs the result of every elementary
operation (forward and backward alike) by a random amount as large as the error that float32 may make
there. What these runs differ by, times a safety factor, is the tolerance of each element. Reductions
and products are disturbed in proportion to the sum of absolute values, so cancellation is accounted for
whatever the order of summation. `docs/decisions/0003-tolerance.md` has the measurements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from grader.errors import ExerciseError

UNIT = 2.0**-24
"""The unit roundoff of float32."""

RUNS = 8
SAFETY = 8.0

Scale = Callable[[Sequence[Any], dict[str, Any], Tensor], Tensor]
"""From an operation's arguments and result to the size of its float32 error in units of UNIT."""

# Nothing is rounded: views, copies, selections, constants, decisions.
EXACT = frozenset(
    """_conj _reshape_alias _to_copy _unsafe_view abs alias all amax amin any arange argmax argmin as_strided
    bitwise_and bitwise_not bitwise_or broadcast_tensors cat ceil clamp clamp_max clamp_min clone copy copy_ detach diagonal
    diagonal_backward empty empty_like empty_strided eq expand fill fill_ flip floor full full_like gather ge gt
    hardtanh index index_select is_same_size isfinite isnan le lift_fresh logical_and logical_not logical_or
    lt masked_fill maximum max mH mT min minimum narrow ne neg new_empty new_empty_strided new_full new_ones
    new_zeros nonzero ones ones_like permute relu repeat roll round scalar_tensor scatter select select_backward sgn
    sign slice slice_backward split split_with_sizes squeeze stack t threshold threshold_backward transpose tril
    triu unbind unsqueeze view where zero_ zeros zeros_like _local_scalar_dense item sort topk unfold constant_pad_nd
    relu_ one_hot index_put detach_ select_scatter slice_scatter eye is_nonzero squeeze_
    unsqueeze_ t_ transpose_""".split()
)
# A few correctly or faithfully rounded steps on each element: error in proportion to the result.
POINTWISE = {
    **dict.fromkeys("add sub rsub mul div sqrt reciprocal square leaky_relu leaky_relu_backward addcmul".split(), 1.0),
    **dict.fromkeys("sigmoid sigmoid_backward tanh tanh_backward exp exp2 expm1 log log1p log2 pow rsqrt".split(), 4.0),
    **dict.fromkeys("sin cos erf softplus softplus_backward silu silu_backward gelu elu elu_backward".split(), 8.0),
}
# Linear in each argument: the error is bounded by the length of the sum times the same operation on absolute values.
LINEAR = frozenset("sum mean mm bmm mv dot vdot addmm addmv baddbmm cumsum index_add scatter_add".split())
KINKED = frozenset("relu relu_ abs sgn sign gt ge lt le clamp clamp_min clamp_max maximum minimum".split())
SATURATING = frozenset("sigmoid tanh exp".split())


@dataclass
class Observed:
    """What one evaluation met on its way.

    decides: some operation has a kink at all.
    kinks: some operand sat exactly where a derivative jumps.
    one_sided: some decision (of two or more elements) went the same way for every element.
    saturation: the largest magnitude that went into a sigmoid, tanh or exp.
    """

    decides: bool = False
    kinks: bool = False
    one_sided: bool = False
    saturation: float = 0.0


class _Mode(TorchDispatchMode):
    """A dispatch mode that never compiles, so that torch need not import its compiler (a second of start-up)."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


@dataclass
class Trace(_Mode):
    """Watches one float64 evaluation, and records each operation's error size for the disturbed runs."""

    observed: Observed = field(default_factory=Observed)
    scales: list[Tensor | None] = field(default_factory=list)
    measure: bool = True

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        self._observe(name, args)
        before = args if not (self.measure and func._schema.is_mutable) else _copied(args)
        out = func(*args, **kwargs)
        if self.measure:
            self.scales.append(self._scale(name, func, before, kwargs, out))
        return out

    def _observe(self, name: str, args: Sequence[Any]) -> None:
        if name in SATURATING and args[0].numel():
            self.observed.saturation = max(self.observed.saturation, float(args[0].abs().max()))
        if name not in KINKED:
            return
        difference = _distance_to_kink(name, args)
        if difference is None or difference.numel() == 0:
            return
        self.observed.decides = True
        self.observed.kinks |= bool((difference == 0).any())
        if difference.numel() > 1:
            self.observed.one_sided |= bool((difference > 0).all() or (difference <= 0).all())

    def _scale(self, name: str, func: Any, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> Tensor | None:
        base = name.removesuffix("_") if name.removesuffix("_") in POINTWISE or name in LINEAR else name
        if base in EXACT or not isinstance(out, Tensor) or not out.is_floating_point():
            if base in EXACT or isinstance(out, Tensor):
                return None
            raise _unknown(name)
        if base in POINTWISE:
            scale = POINTWISE[base] * out.abs()
            inexact_zero = base in {"add", "sub", "rsub"}
        elif base in LINEAR:
            scale = _length(base, args, out) * func(*map(_absolute, args), **kwargs)
            inexact_zero = True
        elif base in FUSED:
            return FUSED[base](args, kwargs, out)
        else:
            raise _unknown(name)
        if inexact_zero and _exact_in_float32(args, scale):
            # Whatever the order of summation, a sum of small dyadic numbers that is 0 is exactly 0: kinks stay kinks.
            scale = torch.where(out == 0, torch.zeros_like(scale), scale)
        return scale


@dataclass
class Disturbed(_Mode):
    """Repeats an evaluation with every recorded operation off by a random multiple of its float32 error."""

    scales: Sequence[Tensor | None]
    generator: torch.Generator
    position: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        scale = self.scales[self.position] if self.position < len(self.scales) else None
        self.position += 1
        if scale is None or not isinstance(out, Tensor) or scale.shape != out.shape:
            return out
        noise = torch.randn(out.shape, dtype=out.dtype, generator=self.generator)
        return out.add_(noise.mul_(scale).mul_(UNIT))


def _copied(args: Sequence[Any]) -> list[Any]:
    return [arg.clone() if isinstance(arg, Tensor) else arg for arg in args]


def _absolute(argument: Any) -> Any:
    if isinstance(argument, Tensor) and argument.is_floating_point():
        return argument.abs()
    return argument


def _length(name: str, args: Sequence[Any], out: Tensor) -> float:
    """By how much adding up n terms one after another multiplies one rounding: a generous random walk."""
    if name in {"sum", "mean"}:
        terms = max(1.0, args[0].numel() / max(1, out.numel()))
    elif name in {"cumsum", "index_add", "scatter_add"}:
        terms = max(args[0].shape, default=1)
    else:
        factor = args[1] if name in {"addmm", "addmv", "baddbmm"} else args[0]
        terms = factor.shape[-1] + 1
    return float(2.0 * terms**0.5)


def _distance_to_kink(name: str, args: Sequence[Any]) -> Tensor | None:
    """Signed distance of each element from the place where the derivative (or the decision) jumps."""
    if name in {"relu", "relu_", "abs", "sgn", "sign"}:
        return torch.as_tensor(args[0]) if args[0].is_floating_point() else None
    other = args[1] if len(args) > 1 and args[1] is not None else None
    floating = any(isinstance(arg, Tensor) and arg.is_floating_point() for arg in args[:2])
    return torch.as_tensor(args[0] - other) if other is not None and floating else None


def _exact_in_float32(args: Sequence[Any], bound: Tensor) -> bool:
    """Whether every partial sum is a multiple of one grid and fits float32's 24 bits."""
    tensors = [arg for arg in args if isinstance(arg, Tensor) and arg.is_floating_point()]
    grid = 1.0
    for tensor in tensors:
        grid *= min(1.0, _grid(tensor))
    largest = float(bound.max()) if bound.numel() else 0.0
    return largest <= 2.0**24 * grid


def _grid(tensor: Tensor) -> float:
    """The largest power of two that divides every entry."""
    entries = tensor[tensor != 0].double()
    if entries.numel() == 0 or not bool(torch.isfinite(entries).all()):
        return 1.0
    mantissa, exponent = torch.frexp(entries)
    digits = (mantissa * 2.0**53).long()
    low = (digits & -digits).double()
    return float(torch.ldexp(low, exponent - 53).min())


def _softmax(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    x, dim = args[0], args[1]
    scale: Tensor = out * (x.shape[dim] + 8 + (x.amax(dim, keepdim=True) - x))
    return scale


def _softmax_backward(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    scale: Tensor = result * (2 * grad.abs() + (result.shape[dim] + 2) * (grad * result).abs().sum(dim, keepdim=True))
    return scale


def _log_softmax(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    x, dim = args[0], args[1]
    scale: Tensor = x.abs() + x.abs().amax(dim, keepdim=True) + out.abs() + x.shape[dim] + 8
    return scale


def _log_softmax_backward(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    total = grad.abs().sum(dim, keepdim=True)
    scale: Tensor = 2 * grad.abs() + result.exp() * (result.shape[dim] + 8 + result.abs()) * total
    return scale


def _logsumexp(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    scale: Tensor = out.abs() + args[0].abs().max() + args[0].numel() / max(1, out.numel()) + 8
    return scale


def _positive_reduction(args: Sequence[Any], kwargs: dict[str, Any], out: Tensor) -> Tensor:
    scale: Tensor = (args[0].numel() / max(1, out.numel()) + 4) * out.abs()
    return scale


FUSED: dict[str, Scale] = {
    "_softmax": _softmax,
    "_softmax_backward_data": _softmax_backward,
    "_log_softmax": _log_softmax,
    "_log_softmax_backward_data": _log_softmax_backward,
    "logsumexp": _logsumexp,
    "linalg_vector_norm": _positive_reduction,
    "prod": _positive_reduction,
}


def _unknown(name: str) -> ExerciseError:
    return ExerciseError(
        f"forward: nothing is known about the rounding error of torch operation {name!r}; "
        "write it with elementary operations (matmul, sum, exp, log, relu, sigmoid, where, ...)"
    )
