"""What each torch operation may be off by in float32, in units of the unit roundoff; unknown operations are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from grader.errors import ExerciseError

UNIT = 2.0**-24
"""The unit roundoff of float32."""

Scale = Callable[[Sequence[Any], Mapping[str, Any], Tensor], Tensor]
"""From an operation's arguments and result to the size of its float32 error in units of UNIT."""

# Nothing is rounded: views, copies, selections, constants, decisions.
EXACT = frozenset(
    """_conj _reshape_alias _to_copy _unsafe_view abs alias all amax amin any arange argmax argmin as_strided
    bitwise_and bitwise_not bitwise_or broadcast_tensors cat clamp clamp_max clamp_min clone copy detach diagonal
    diagonal_backward embedding empty empty_like empty_strided eq expand eye fill flip full full_like gather ge gt
    hardtanh index index_put index_select is_nonzero is_same_size isfinite isnan le lift_fresh logical_and
    logical_not logical_or lt masked_fill maximum max mH mT min minimum narrow ne neg new_empty new_empty_strided
    new_full new_ones new_zeros nonzero one_hot ones ones_like permute relu repeat roll scalar_tensor scatter select
    select_backward select_scatter sgn sign slice slice_backward slice_scatter split split_with_sizes squeeze stack
    t threshold threshold_backward transpose tril triu unbind unfold unsqueeze view where zero zeros zeros_like
    _local_scalar_dense sort topk constant_pad_nd""".split()
)
# A few correctly or faithfully rounded steps on each element: error in proportion to the result.
POINTWISE = {
    **dict.fromkeys("mul div sqrt reciprocal square leaky_relu leaky_relu_backward".split(), 1.0),
    **dict.fromkeys("sigmoid_backward tanh_backward exp exp2 expm1 log log1p log2 pow rsqrt".split(), 4.0),
    **dict.fromkeys("sin cos erf softplus softplus_backward silu silu_backward gelu elu elu_backward".split(), 8.0),
}
# The same for functions that are often written with a one in them, such as 1 - 1 / (1 + exp(z)) or (1 + tanh(z/2)) / 2:
# correct formulas whose error is a fraction of that one, however small the result.
AROUND_ONE = {"sigmoid": 2.0, "tanh": 2.0}
SUMS = {"add": 1, "sub": 1, "rsub": 0}
"""Sums of two tensors, and the position of the argument that `alpha` multiplies."""

# Linear in each argument: the error is bounded by the length of the sum times the same operation on absolute values.
LINEAR = frozenset(
    """sum mean mm bmm mv dot vdot addmm addmv baddbmm addcmul cumsum index_add scatter_add
    embedding_dense_backward""".split()
)
JUMPS = frozenset("floor ceil round trunc frac remainder fmod".split())


@cache
def base_name(func: Any) -> str:
    """An operation's name without its overload; an in-place variant is its base ("add_" is "add")."""
    name: str = func.overloadpacket.__name__
    return name.removesuffix("_")


def refuse(name: str, func: Any, args: Sequence[Any], out: Any) -> None:
    """Refuse an operation that cannot be followed; raises ExerciseError with the reason and the remedy."""
    if isinstance(out, Tensor) and out.dtype == torch.float64 and name not in JUMPS:
        return
    doubles = any(isinstance(arg, Tensor) and arg.dtype == torch.float64 for arg in args)
    if name == "_local_scalar_dense" and doubles:
        raise ExerciseError(
            "forward: takes a Python number out of a tensor (item or float), so neither its derivative nor its "
            "rounding error can be followed; keep it a tensor"
        )
    if name in JUMPS or (doubles and name == "_to_copy" and _is_integer(out)):
        raise ExerciseError(f"forward: {name!r} rounds to whole numbers, so it has no useful derivative; leave it out")
    if doubles and isinstance(out, Tensor) and out.is_floating_point():
        raise ExerciseError(
            f"forward: torch operation {name!r} turns float64 into {str(out.dtype).removeprefix('torch.')}, so the "
            "right answer would lose digits; make new tensors with zeros_like, new_zeros or dtype=x.dtype"
        )


def error_scale(name: str, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> Tensor | None:
    """How much float32 may be off in each element of an operation's result, in units of UNIT; None when nothing.

    Raises ExerciseError for an operation that is not known.
    """
    if name == "index_put" and (kwargs.get("accumulate") or True in args[3:4]):
        return float(len(args[2]) + 2) * _on_absolutes(func, args, kwargs)
    if name in EXACT:
        return None
    if isinstance(out, Tensor) and not out.is_floating_point():
        if name in LINEAR or name in POINTWISE or name in SUMS:
            return None
        raise _unknown(name)
    if isinstance(out, Tensor):
        if name in POINTWISE:
            return POINTWISE[name] * out.abs()
        if name in AROUND_ONE:
            return AROUND_ONE[name] * (1 + out.abs())
        if name in SUMS:
            return _sum_of_two(name, args, kwargs, out)
        if name in LINEAR:
            return _length(name, args, out) * _on_absolutes(func, args, kwargs)
        if name in FUSED:
            return FUSED[name](args, kwargs, out)
    raise _unknown(name)


def squared_sum_scale(terms: Tensor, out: Tensor) -> Tensor:
    """For the square of a sum or difference: who expands (p - t)**2 rounds p*p, 2*p*t and t*t, all larger than it.

    terms: the error size of the sum itself, which is twice its absolute terms.
    """
    return torch.maximum(4 * out.abs(), (terms / 2) ** 2)


def exact_zeros(name: str, args: Sequence[Any], out: Any, scale: Tensor | None) -> Tensor | None:
    """Where a sum is 0 and every order of summation says so in float32; None where nothing can be said.

    That holds for a sum of small multiples of one power of two, which is how a kink is hit on purpose.
    """
    if scale is None or not (name in SUMS or name in LINEAR):
        return None
    zeros = (out == 0) & (scale > 0)
    if not bool(zeros.any()):
        return None
    grid = 1.0
    for tensor in (arg for arg in args if isinstance(arg, Tensor) and arg.is_floating_point()):
        grid *= min(1.0, _grid(tensor))
    return zeros if float(scale.max()) <= 2.0**24 * grid else None


def _sum_of_two(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    sizes = [arg.abs() if isinstance(arg, Tensor) else abs(arg) for arg in args[:2]]
    sizes[SUMS[name]] = sizes[SUMS[name]] * abs(kwargs.get("alpha", 1))
    # Twice: another route to the same sum may take several steps, as small updates one after another do.
    return torch.zeros_like(out) + 2 * (sizes[0] + sizes[1])


def _on_absolutes(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor:
    """The operation on absolute values; an in-place one works on a copy."""
    positive = {key: abs(value) if key in {"alpha", "beta", "value"} else value for key, value in kwargs.items()}
    result: Tensor = func(*map(_absolute, args), **positive)
    return result


def _absolute(argument: Any) -> Any:
    if isinstance(argument, Tensor) and argument.is_floating_point():
        return argument.abs()
    return argument


def _length(name: str, args: Sequence[Any], out: Tensor) -> float:
    """By how much adding up n terms one after another multiplies one rounding: a generous random walk."""
    if name in {"sum", "mean", "embedding_dense_backward"}:
        terms = max(1.0, args[0].numel() / max(1, out.numel()))
    elif name in {"cumsum", "index_add", "scatter_add"}:
        terms = max(args[0].shape, default=1)
    elif name == "addcmul":
        terms = 2
    else:
        factor = args[1] if name in {"addmm", "addmv", "baddbmm"} else args[0]
        terms = factor.shape[-1] + 1
    return float(2.0 * terms**0.5)


def _grid(tensor: Tensor) -> float:
    """The largest power of two that divides every entry."""
    entries = tensor[tensor != 0].double()
    if entries.numel() == 0 or not bool(torch.isfinite(entries).all()):
        return 1.0
    mantissa, exponent = torch.frexp(entries)
    digits = (mantissa * 2.0**53).long()
    low = (digits & -digits).double()
    return float(torch.ldexp(low, exponent - 53).min())


def _softmax(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    x, dim = args[0], args[1]
    scale: Tensor = out * (x.shape[dim] + 8 + (x.amax(dim, keepdim=True) - x))
    return scale


def _softmax_backward(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    scale: Tensor = result * (2 * grad.abs() + (result.shape[dim] + 2) * (grad * result).abs().sum(dim, keepdim=True))
    return scale


def _log_softmax(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    x, dim = args[0], args[1]
    scale: Tensor = x.abs() + x.abs().amax(dim, keepdim=True) + out.abs() + x.shape[dim] + 8
    return scale


def _log_softmax_backward(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    total = grad.abs().sum(dim, keepdim=True)
    scale: Tensor = 2 * grad.abs() + result.exp() * (result.shape[dim] + 8 + result.abs()) * total
    return scale


def _logsumexp(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    scale: Tensor = out.abs() + args[0].abs().max() + args[0].numel() / max(1, out.numel()) + 8
    return scale


def _positive_reduction(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
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


def _is_integer(out: Tensor) -> bool:
    return not out.is_floating_point() and out.dtype != torch.bool


def _unknown(name: str) -> ExerciseError:
    return ExerciseError(
        f"forward: nothing is known about the rounding error of torch operation {name!r}; "
        "write it with elementary operations (matmul, sum, exp, log, relu, sigmoid, where, ...)"
    )
