"""Where a derivative or a decision jumps, and how far an evaluation stayed away from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

AT_ZERO = frozenset("relu abs sgn sign leaky_relu _prelu_kernel elu".split())
COMPARISONS = frozenset("gt ge lt le maximum minimum fmax fmin".split())
BOUNDS = frozenset("clamp clamp_min clamp_max hardtanh threshold".split())
FIXED_BOUNDS = {"hardsigmoid": 3.0, "hardswish": 3.0, "hardshrink": 0.5, "softshrink": 0.5}
"""Kinks at plus and minus this number, or another that is the second argument."""
LARGEST, SMALLEST = frozenset("max amax argmax".split()), frozenset("min amin argmin".split())
POOLS = frozenset("max_pool2d_with_indices max_pool3d_with_indices".split())
RANKED = frozenset("median kthvalue cummax cummin adaptive_max_pool2d adaptive_max_pool3d".split())
"""Which of the elements is taken may depend on any two of them."""
EXTREMES = LARGEST | SMALLEST | POOLS | RANKED | {"sort", "topk"}
SATURATING = frozenset("sigmoid tanh exp _softmax _log_softmax".split())
WATCHED = AT_ZERO | COMPARISONS | BOUNDS | FIXED_BOUNDS.keys() | EXTREMES | SATURATING | {"sub"}
MASKED = -1e8
"""What is below goes into a softmax as a mask: no input gets there, and nothing of it is left."""


@dataclass(frozen=True)
class Order:
    """A sort with equal elements. indices: its second result; tied: which neighbours are equal along the dimension."""

    indices: Tensor
    tied: Tensor
    dim: int

    def matters(self, name: str, args: Sequence[Any]) -> bool:
        """Whether an operation that uses the indices would give another result with equal elements swapped."""
        if name in {"detach", "alias"}:
            return False
        if name not in {"gather", "scatter", "scatter_add"} or args[2].data_ptr() != self.indices.data_ptr():
            return True
        placed = args[0].gather(args[1], args[2]) if name == "gather" else args[3]
        return not isinstance(placed, Tensor) or bool((placed.diff(dim=self.dim) != 0)[self.tied].any())


@dataclass
class Observed:
    """What one evaluation met on its way.

    decides: some operation has a kink at all.
    kinks: some operand sat exactly where a derivative jumps.
    margin: the smallest other distance from such a place, as a fraction of the largest in the same operation.
    one_sided: some decision, or some difference of two tensors, (of two or more elements) went the same way
        for every element.
    sign: the sign of the first difference of two tensors of one element, 0 where there is none.
    saturation: the largest magnitude that went into a sigmoid, tanh, exp or softmax, masked elements left out.
    """

    decides: bool = False
    kinks: bool = False
    margin: float = 1.0
    one_sided: bool = False
    sign: int = 0
    saturation: float = 0.0
    _orders: list[Order] = field(default_factory=list, repr=False)

    def watch(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Note what this operation is about to do; whether it sits exactly at a kink."""
        if self._orders and self._depends_on_order(name, args):
            self.kinks = True
            return True
        if name not in WATCHED:
            return False
        if name in SATURATING:
            entering = args[0][args[0] > MASKED]
            self.saturation = max(self.saturation, float(entering.abs().max()) if entering.numel() else 0.0)
        if name == "sub" and all(isinstance(arg, Tensor) for arg in args[:2]):
            self._difference(args[0] - args[1])
        exactly = False
        for distance in (each[each.abs() < -MASKED] for each in _distances(name, args, kwargs)):
            if not distance.numel():
                continue
            self.decides = True
            size = distance.abs()
            exactly |= bool((size == 0).any())
            if bool((size > 0).any()):
                self.margin = min(self.margin, float(size[size > 0].min() / size.max()))
            if distance.numel() > 1 and name not in EXTREMES:
                self.one_sided |= bool((distance > 0).all() or (distance <= 0).all())
        exactly &= name != "sort"  # equal elements matter where they are put to use
        self.kinks |= exactly
        return exactly

    def sorted(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], out: Any) -> None:
        """Remember a sort with equal elements, of which torch chose an order."""
        if name == "sort" and args[0].ndim:
            dim = dimensions(name, args, kwargs)[0]
            tied = out[0].diff(dim=dim) == 0
            if bool(tied.any()):
                self._orders.append(Order(out[1], tied, dim))

    def _depends_on_order(self, name: str, args: Sequence[Any]) -> bool:
        addresses = {arg.data_ptr() for arg in args if isinstance(arg, Tensor)}
        used = [order for order in self._orders if order.indices.data_ptr() in addresses]
        return any(order.matters(name, args) for order in used)

    def _difference(self, difference: Tensor) -> None:
        if difference.numel() > 1:
            self.one_sided |= bool((difference > 0).all() or (difference < 0).all())
        elif difference.numel() == 1 and self.sign == 0:
            self.sign = int(difference.sign())


def _distances(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Tensor]:
    """Signed distance of each element from each place where the derivative (or the decision) jumps."""
    if not any(isinstance(arg, Tensor) and arg.is_floating_point() for arg in args[:2]):
        return []
    if name == "elu" and (args[1] if len(args) > 1 else 1) * (args[3] if len(args) > 3 else 1) == 1:
        return []  # as steep on one side as on the other
    if name in AT_ZERO:
        return [torch.as_tensor(args[0])]
    if name in COMPARISONS or (name in {"max", "min"} and len(args) > 1 and isinstance(args[1], Tensor)):
        return [torch.as_tensor(args[0] - args[1])]
    if name in BOUNDS:
        named = [kwargs[key] for key in ("min", "max") if key in kwargs]
        bounds = args[1:2] if name == "threshold" else [*args[1:3], *named]
        return [torch.as_tensor(args[0] - bound) for bound in bounds if bound is not None]
    if name in FIXED_BOUNDS:
        bound = float(args[1]) if len(args) > 1 else FIXED_BOUNDS[name]
        return [args[0] - bound, args[0] + bound]
    return [_gaps(name, args, kwargs)] if name in EXTREMES else []


def _gaps(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor:
    """How far neighbours in rank are apart, among the elements of which some are taken.

    Only those of which one is taken and the other might be: a tie of the others decides nothing.
    """
    values = windows(*args, **kwargs) if name in POOLS else args[0]
    rows, _ = rows_of(values, (-1,) if name in POOLS else dimensions(name, args, kwargs))
    smallest = name in SMALLEST or (name == "topk" and False in args[3:4])
    in_order: Tensor = rows.sort(-1, descending=not smallest).values
    taken = args[1] if name == "topk" else 1 if name in LARGEST | SMALLEST | POOLS else in_order.shape[-1]
    gaps: Tensor = in_order.diff(dim=-1).abs()[..., :taken]
    return gaps


def rows_of(x: Tensor, dims: tuple[int, ...]) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The elements that are ranked together, along a last dimension; and what gives such a tensor the shape of x."""
    last = tuple(range(-len(dims), 0))
    moved = x.movedim(dims, last) if dims else x
    rows = moved.flatten(-len(dims)) if dims else x.flatten()
    return rows, lambda each: each.reshape(moved.shape).movedim(last, dims) if dims else each.reshape(x.shape)


def dimensions(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[int, ...]:
    """The dimensions along which elements are ranked; none stands for all."""
    if name.startswith("adaptive"):
        return tuple(range(-len(args[1]), 0))
    position = 2 if name in {"topk", "kthvalue"} else 1
    usual = -1 if name in {"sort", "topk", "kthvalue"} else None
    dim = kwargs.get("dim", args[position] if len(args) > position else usual)
    dims = () if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    return dims if args[0].ndim else ()


def windows(
    x: Tensor,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    ceil_mode: bool = False,
) -> Tensor:
    """The elements of each window of a pooling operation, along a last dimension of its own."""
    count, first = len(kernel), x.ndim - len(kernel)
    steps, around, holes = (
        list(each) * (count if len(each) == 1 else 1) for each in (stride or kernel, padding, dilation)
    )
    more = [step - 1 if ceil_mode else 0 for step in steps]
    sides = [side for axis in reversed(range(count)) for side in (around[axis], around[axis] + more[axis])]
    windows = torch.nn.functional.pad(x, sides, value=-torch.inf)
    for axis, (size, step, hole) in enumerate(zip(kernel, steps, holes, strict=True)):
        windows = windows.unfold(first + axis, hole * (size - 1) + 1, step)[..., ::hole]
    return windows.flatten(-count)
