"""What each torch operation may be off by in float32, in units of the unit roundoff; for unknown ones measured.

Longer than most files: it is one table with the short functions that its rows name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from grader.cases.rounding.kinks import MASKED
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
    _local_scalar_dense sort topk constant_pad_nd im2col max_pool2d_with_indices _unsafe_masked_index
    unsafe_split pixel_shuffle rot90 bitwise_xor logical_xor bucketize searchsorted isin
    argsort tril_indices triu_indices split_copy unbind_copy""".split()
)
# A few correctly or faithfully rounded steps on each element: error in proportion to the result.
POINTWISE = {
    **dict.fromkeys("mul div sqrt reciprocal square leaky_relu leaky_relu_backward".split(), 1.0),
    **dict.fromkeys("sigmoid_backward tanh_backward exp exp2 expm1 log log1p log2 pow rsqrt".split(), 4.0),
    **dict.fromkeys("sin cos tan erf softplus softplus_backward silu silu_backward elu elu_backward".split(), 8.0),
    **dict.fromkeys("sinh cosh atan asinh mish hardswish hardsigmoid".split(), 8.0),
}
# The same for functions that are often written with a one in them, such as 1 - 1 / (1 + exp(z)) or (1 + tanh(z/2)) / 2:
# correct formulas whose error is a fraction of that one, however small the result.
AROUND_ONE = {"sigmoid": 2.0, "tanh": 2.0}
SUMS = {"add": 1, "sub": 1, "rsub": 0}
"""Sums of two tensors, and the position of the argument that `alpha` multiplies."""

# Linear in each argument: the error is bounded by the length of the sum times the same operation on absolute values.
LINEAR = frozenset(
    """sum mean mm bmm mv dot vdot addmm addmv baddbmm addcmul cumsum index_add scatter_add
    embedding_dense_backward scatter_add scatter_reduce col2im convolution convolution_backward avg_pool2d
    avg_pool2d_backward max_pool2d_with_indices_backward _adaptive_avg_pool2d _adaptive_avg_pool2d_backward
    nll_loss_forward nll_loss_backward linear unfold_backward""".split()
)
WINDOWS = frozenset(
    """col2im avg_pool2d avg_pool2d_backward max_pool2d_with_indices_backward _adaptive_avg_pool2d
    _adaptive_avg_pool2d_backward nll_loss_forward nll_loss_backward scatter_reduce unfold_backward""".split()
)
"""Linear operations whose sums run over windows or selected entries."""
JUMPS = frozenset("floor ceil round trunc frac remainder fmod".split())


@cache
def base_name(func: Any) -> str:
    """An operation's name without its overload; an in-place variant is its base ("add_" is "add")."""
    name: str = func.overloadpacket.__name__
    return name.removesuffix("_")


RANDOM = frozenset("bernoulli rand randn randint randperm normal random uniform native_dropout multinomial".split())


def refuse(name: str, func: Any, args: Sequence[Any], out: Any) -> None:
    """Refuse an operation that cannot be followed; raises ExerciseError with the reason and the remedy."""
    if name.removesuffix("_like") in RANDOM:
        raise ExerciseError(
            f"forward: torch operation {name!r} draws at random, so there is no one right answer; make it an input"
        )
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


def error_scales(
    name: str, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any
) -> tuple[Tensor | None, ...] | None:
    """How much float32 may be off in each element of each result of an operation, in units of UNIT.

    None in place of a result: it is exact. None in place of all: nothing is known about the operation.
    """
    found = results(out)
    if name == "index_put" and (kwargs.get("accumulate") or True in args[3:4]):
        return (float(len(args[2]) + 2) * _on_absolutes(func, args, kwargs),)
    if name in EXACT or not any(result.is_floating_point() for result in found if isinstance(result, Tensor)):
        return (None,) * len(found)
    if name in LINEAR:
        sizes = results(_on_absolutes(func, args, kwargs))
        return tuple(
            _length(name, args, result, position) * size.abs()
            if isinstance(result, Tensor) and result.is_floating_point()
            else None
            for position, (result, size) in enumerate(zip(found, sizes, strict=True))
        )
    if not isinstance(out, Tensor):
        return None
    if name in POINTWISE:
        return (POINTWISE[name] * out.abs(),)
    if name in AROUND_ONE:
        return (AROUND_ONE[name] * (1 + out.abs()),)
    if name in SUMS:
        return (_sum_of_two(name, args, kwargs, out),)
    return (FUSED[name](args, kwargs, out),) if name in FUSED else None


def measured_scales(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> tuple[Tensor | None, ...]:
    """The same for an operation without an entry: what float32 is off by on these very arguments, eight times.

    The largest error anywhere counts for every element, and four roundings of the element itself are added. An
    operation that does not run in float32 counts as sixteen roundings of its largest element.
    """
    try:
        singles = results(func(*map(_single, args), **{key: _single(value) for key, value in kwargs.items()}))
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        singles = ()
    scales: list[Tensor | None] = []
    for position, result in enumerate(results(out)):
        if not isinstance(result, Tensor) or not result.is_floating_point() or not result.numel():
            scales.append(None)
            continue
        finite = torch.isfinite(result)
        largest = float(result[finite].abs().max()) if bool(finite.any()) else 0.0
        off = 16 * largest
        if position < len(singles) and largest:
            off = 8 * float((singles[position].double() - result)[finite].abs().max()) / UNIT
        scales.append(4 * result.abs() + min(off, 2.0**12 * largest))
    return tuple(scales)


def results(out: Any) -> tuple[Any, ...]:
    """The results of an operation, also where there is only one."""
    return tuple(out) if isinstance(out, (tuple, list)) else (out,)


def _single(argument: Any) -> Any:
    return argument.float() if isinstance(argument, Tensor) and argument.dtype == torch.float64 else argument


def squared_sum_scale(terms: Tensor, out: Tensor) -> Tensor:
    """For the square of a sum or difference: who expands (p - t)**2 rounds p*p, 2*p*t and t*t, all larger than it.

    terms: the error size of the sum itself, which is twice its absolute terms.
    """
    return torch.maximum(4 * out.abs(), (terms / 2) ** 2)


def exact_entries(name: str, args: Sequence[Any], out: Any, scale: Tensor | None) -> Tensor | None:
    """Which entries of a sum every order of summation gives exactly in float32; None where nothing can be said.

    All of them, where the terms are small multiples of one power of two, which is how a kink is hit on purpose.
    """
    if scale is None or not scale.numel() or not (name in SUMS or name in LINEAR):
        return None
    grid = 1.0
    for tensor in (arg for arg in args if isinstance(arg, (Tensor, float, int)) and not isinstance(arg, bool)):
        value = torch.as_tensor(tensor, dtype=torch.float64) if not isinstance(tensor, Tensor) else tensor
        grid *= min(1.0, _grid(value)) if value.is_floating_point() else 1.0
    return torch.ones_like(scale, dtype=torch.bool) if float(scale.max()) <= 2.0**24 * grid else None


def _sum_of_two(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    sizes = [arg.abs() if isinstance(arg, Tensor) else abs(arg) for arg in args[:2]]
    sizes[SUMS[name]] = sizes[SUMS[name]] * abs(kwargs.get("alpha", 1))
    # Twice: another route to the same sum may take several steps, as small updates one after another do.
    return torch.zeros_like(out) + 2 * (sizes[0] + sizes[1])


def _on_absolutes(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The operation on absolute values; an in-place one works on a copy."""
    positive = {key: abs(value) if key in {"alpha", "beta", "value"} else value for key, value in kwargs.items()}
    return func(*map(_absolute, args), **positive)


def _absolute(argument: Any) -> Any:
    if isinstance(argument, Tensor) and argument.is_floating_point():
        return argument.abs()
    return argument


def _length(name: str, args: Sequence[Any], out: Tensor, position: int = 0) -> float:
    """By how much adding up n terms one after another multiplies one rounding: a generous random walk.

    position: which of the operation's results is meant.
    """
    if name == "convolution":
        terms = args[1].numel() / args[1].shape[0] + 1
    elif name == "convolution_backward":
        terms = args[2].numel() / args[2].shape[1] if position == 0 else args[0].numel() / args[0].shape[1]
    elif name in {"linear"}:
        terms = args[0].shape[-1] + 1
    elif name in WINDOWS:
        terms = max(1.0, args[0].numel() / max(1, out.numel()), out.numel() / max(1, args[0].numel())) + 8
    elif name in {"sum", "mean", "embedding_dense_backward"}:
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


def _unmasked(x: Tensor) -> Tensor:
    """Without the elements that a softmax shuts out; what they are does not matter, and infinity is no size."""
    return x.masked_fill(x < MASKED, 0.0)


def _softmax(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    x, dim = _unmasked(args[0]), args[1]
    scale: Tensor = out * (x.shape[dim] + 8 + (x.amax(dim, keepdim=True) - x))
    return scale


def _softmax_backward(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    scale: Tensor = result * (2 * grad.abs() + (result.shape[dim] + 2) * (grad * result).abs().sum(dim, keepdim=True))
    return scale


def _log_softmax(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    x, dim = _unmasked(args[0]), args[1]
    scale: Tensor = x.abs() + x.abs().amax(dim, keepdim=True) + out.abs() + x.shape[dim] + 8
    return scale


def _log_softmax_backward(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    grad, result, dim = args[0], args[1], args[2]
    total = grad.abs().sum(dim, keepdim=True)
    scale: Tensor = 2 * grad.abs() + result.exp() * (result.shape[dim] + 8 + result.abs()) * total
    return scale


def _logsumexp(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    scale: Tensor = out.abs() + _unmasked(args[0]).abs().max() + args[0].numel() / max(1, out.numel()) + 8
    return scale


def _variance(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    """Also of who subtracts the square of the mean from the mean of the squares."""
    dims = args[1] if len(args) > 1 and isinstance(args[1], (list, tuple)) else None
    n = args[0].numel() / max(1, out.numel())
    squares = args[0] ** 2
    mean = squares.mean(dims, keepdim=bool(kwargs.get("keepdim", out.ndim == args[0].ndim))) if dims else squares.mean()
    scale: Tensor = (2 * n**0.5 + 4) * mean.reshape(out.shape) * n / max(1.0, n - 1)
    return scale


def _deviation(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    return out + _variance(args, kwargs, out) / (2 * out).clamp_min(1e-12)


def _gelu(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    """x (1 + erf) / 2: for negative x the sum loses digits, so the error is a fraction of x."""
    scale: Tensor = 4 * args[0].abs() + 4 * out.abs()
    return scale


def _gelu_backward(args: Sequence[Any], kwargs: Mapping[str, Any], out: Tensor) -> Tensor:
    scale: Tensor = 8 * args[0].abs() * (1 + args[1].abs())
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
    "var": _variance,
    "gelu": _gelu,
    "gelu_backward": _gelu_backward,
    "std": _deviation,
}


def _is_integer(out: Tensor) -> bool:
    return not out.is_floating_point() and out.dtype != torch.bool
