"""Another choice of subgradient wherever an operand sits exactly at a kink.

Torch makes one choice at each kink; others are as right. An evaluation is repeated with another one made here and
there: of the slope on either side, of the element that gets the gradient of a tie, or of a tie's full gradient for
each of its elements. What torch saved of a forward operation is recognised in the backward one by its address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.cases.rounding.kinks import (
    FIXED_BOUNDS,
    LARGEST,
    POOLS,
    Observed,
    dimensions,
    rows_of,
    windows,
)
from grader.cases.rounding.modes import Mode
from grader.cases.rounding.operations import base_name

FULL = -1
"""Instead of a number of choices: at ties the whole gradient for each element, elsewhere torch's choice."""
OPPOSITE = {"gt": torch.ge, "ge": torch.gt, "lt": torch.le, "le": torch.lt}
DERIVED = frozenset(
    "abs clamp clamp_min clamp_max hardtanh leaky_relu _prelu_kernel hardsigmoid hardswish softshrink elu".split()
)
"""The choice is made by an operation of the backward pass."""
SLOPES = {
    "leaky_relu_backward": 1,
    "_prelu_kernel_backward": 0,
    "hardtanh_backward": 1,
    "hardsigmoid_backward": 1,
    "hardswish_backward": 1,
    "softshrink_backward": 1,
    "elu_backward": 5,
}
"""Backward operations that look at the input of the forward one, and at which position they get it."""

POOLS_BACKWARD = frozenset(f"{name}_backward" for name in POOLS)


@dataclass(frozen=True)
class Tie:
    """A tie that the backward pass will ask for. taken: which choice is made where; held: so that addresses stay."""

    taken: Tensor
    held: tuple[Tensor, ...]
    shared: Tensor | None = None
    """Which elements get a gradient, where each gets the whole of it."""


class Choice(Mode):
    """Repeats an evaluation with other choices at some of its kinks; only what is no choice stays as torch makes it.

    chosen: by place, counted in the order of the evaluation, which other choice is made, from 1 on (0: torch's).
    usual: the choice at all other places (where there are fewer, the last that gives a tie to one element), or FULL.
    share: how much of another slope is taken, where a slope can be anything in between.
    others: at each place how many other choices there are; ties: the places where the last of them is the full
    gradient; slopes: the places where `share` matters; unknown: whether an operation was at a kink whose choices are
    not known here.
    """

    def __init__(self, chosen: Mapping[int, int] | None = None, usual: int = 0, share: float = 1.0) -> None:
        super().__init__()
        self.chosen, self.usual, self.share = chosen or {}, usual, share
        self.others: list[int] = []
        self.ties: set[int] = set()
        self.slopes: set[int] = set()
        self.unknown = False
        self._observed = Observed()
        self._taken: dict[object, Tie] = {}
        self._one: dict[int, Tie] = {}
        self._all: dict[frozenset[int], Tie] = {}
        self._two: dict[tuple[int, int], tuple[str, Tie]] = {}
        self._counts: dict[int, Tie] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = base_name(func), kwargs or {}
        at_kink = self._observed.watch(name, args, kwargs)
        if name in SLOPES:
            args = self._nudged(name, args)
        zero = args[0] == 0 if name == "relu" and at_kink else None
        out = func(*args, **kwargs)
        self._observed.sorted(name, args, kwargs, out)
        if (answer := self._of_backward(name, args, out)) is not None:
            return answer
        if not at_kink or name in DERIVED:
            return out
        if name in OPPOSITE:
            equal = torch.as_tensor(args[0] == args[1]).expand_as(out)
            return out ^ (self._at(_address(name, args), equal, 1, args).taken > 0)
        if zero is not None:
            self._one[out.data_ptr()] = self._slope(_address(name, (out,)), zero, 1, (out,))
        elif name in {"sgn", "sign"}:
            taken = self._slope(_address(name, args), args[0] == 0, 2, args).taken
            return out + self.share * ((taken == 1).to(out.dtype) - (taken == 2).to(out.dtype))
        elif name in {"maximum", "minimum"}:
            tie = self._at(_address(name, args), args[0] == args[1], 3, args, tied=True)
            self._two[args[0].data_ptr(), args[1].data_ptr()] = (name, tie)
        elif name in POOLS:
            self._pool(name, args, kwargs, out)
        elif name in {"max", "min"} and isinstance(out, Sequence):
            self._largest(name, args, kwargs, out)
        elif name in {"amax", "amin", "max", "min"}:
            self._shared(name, args, kwargs, out)
        else:
            self.unknown = True
        return out

    def _at(self, key: object, at_kink: Tensor, others: int | Tensor, held: Any, *, tied: bool = False) -> Tie:
        """Which choice is made at each place of one operation: the same one whenever it is asked for again."""
        if key not in self._taken:
            counts = torch.as_tensor(others).expand_as(at_kink)
            taken = torch.zeros(at_kink.shape, dtype=torch.int64)
            for place in map(tuple, at_kink.nonzero().tolist()):
                taken[place] = self._choose(int(counts[place]), tied)
            self._taken[key] = Tie(taken, tuple(each for each in held if isinstance(each, Tensor)))
        return self._taken[key]

    def _slope(self, key: object, at_kink: Tensor, others: int, held: Any) -> Tie:
        """The same, for choices of which a part can be taken."""
        before = len(self.others)
        tie = self._at(key, at_kink, others, held)
        self.slopes.update(range(before, len(self.others)))
        return tie

    def _choose(self, others: int, tied: bool) -> int:
        """The choice at the next place."""
        place = len(self.others)
        self.others.append(others)
        if tied:
            self.ties.add(place)
        if place in self.chosen:
            return self.chosen[place]
        return others * tied if self.usual == FULL else min(self.usual, others - tied)

    def _nudged(self, name: str, args: Sequence[Any]) -> list[Any]:
        """The arguments of a backward operation with its input on one side of the kink or the other."""
        position = SLOPES[name]
        value, bounds = args[position], _bounds(name, args)
        up, down = torch.full_like(value, torch.inf), torch.full_like(value, -torch.inf)
        for bound in bounds:
            taken = self._at((*_address(name, (value,)), bound), value == bound, 2, (value,)).taken
            value = torch.where(taken == 1, value.nextafter(up), torch.where(taken == 2, value.nextafter(down), value))
        return [*args[:position], value, *args[position + 1 :]]

    # Ties --------------------------------------------------------------------------------------------------------

    def _largest(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """Of several equal elements along a dimension torch takes one by its position."""
        x, dim = args[0], dimensions(name, args, kwargs)[0]
        best, position = (each if each.ndim == x.ndim else each.unsqueeze(dim) for each in out)
        tied = x == best
        own = torch.zeros_like(tied).scatter(dim, position, True)
        tie = self._one_of(_address(name, args), tied, own, dim, args)
        assert tie.shared is not None
        position.copy_(_position(tie, tied & ~own, position, dim))
        self._one[position.data_ptr()] = Tie(tie.taken, (*tie.held, *out), tie.shared)

    def _pool(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        """The same for each window of an image, of which torch keeps a position in the whole image."""
        x, (best, position) = args[0], out
        flat = len(args[1])
        image = torch.arange(x.shape[-flat:].numel(), dtype=x.dtype).reshape(x.shape[-flat:]).expand_as(x)
        seen, where = (
            windows(each, *args[1:], **kwargs)[tuple(slice(size) for size in best.shape)] for each in (x, image)
        )
        tied = seen == best[..., None]
        own = where == position[..., None]
        tie = self._one_of(_address(name, args), tied, own, -1, args)
        assert tie.shared is not None
        chosen = _position(tie, tied & ~own, own.int().argmax(-1, keepdim=True), -1)
        position.copy_(where.gather(-1, chosen)[..., 0])
        more = torch.where(tie.shared, where, position[..., None]).long()
        self._one[position.data_ptr()] = Tie(more, (*tie.held, *out), tie.shared & (more != position[..., None]))

    def _one_of(self, key: object, tied: Tensor, own: Tensor, dim: int, held: Any) -> Tie:
        """Ties of which torch takes its own: the others one by one, and last all of them in full."""
        count = tied.sum(dim, keepdim=True)
        tie = self._at(key, count > 1, count, held, tied=True)
        return Tie(tie.taken, tie.held, tied & (count > 1) & (tie.taken == count))

    def _shared(self, name: str, args: Any, kwargs: Any, out: Tensor) -> None:
        """Several equal elements share the gradient, as torch finds out by comparing in the backward pass."""
        x = args[0]
        rows, restore = rows_of(x, dimensions(name, args, kwargs))
        tied = rows == (rows.amax(-1, keepdim=True) if name in LARGEST else rows.amin(-1, keepdim=True))
        count = tied.sum(-1, keepdim=True)
        taken = self._at(_address(name, args), count > 1, count + 1, args, tied=True).taken
        one = (taken > 0) & (taken <= count)
        kept = torch.where(one, tied & (tied.cumsum(-1) == taken), tied)
        self._all[frozenset({x.data_ptr(), out.data_ptr()})] = Tie(taken > count, (x, out), restore(kept))

    # What the backward pass asks for -----------------------------------------------------------------------------

    def _of_backward(self, name: str, args: Any, out: Any) -> Any:
        """The result of an operation of the backward pass with the choices that belong to it; None for any other."""
        if name == "threshold_backward" and (tie := self._one.get(args[1].data_ptr())):
            return out + self.share * args[0] * (tie.taken > 0)
        if name == "scatter" and (tie := self._one.get(args[2].data_ptr())) and tie.shared is not None:
            return torch.where(tie.shared, args[3], out)
        if name in POOLS_BACKWARD and (tie := self._one.get(args[-1].data_ptr())):
            flat = len(args[2])
            more = args[0][..., None].expand_as(tie.taken) * tie.shared
            sums = out.flatten(-flat).clone()
            return sums.scatter_add_(-1, tie.taken.flatten(-flat - 1), more.flatten(-flat - 1)).reshape(out.shape)
        if name == "sum" and (tie := self._counts.get(args[0].data_ptr())):
            return out.masked_fill(tie.taken.reshape(out.shape), 1)
        if name in {"eq", "lt", "gt"} and all(isinstance(each, Tensor) for each in args[:2]):
            return self._compared(name, args, out)
        return None

    def _compared(self, name: str, args: Any, out: Tensor) -> Tensor | None:
        addresses = args[0].data_ptr(), args[1].data_ptr()
        if name == "eq" and (tie := self._all.get(frozenset(addresses))) and tie.shared is not None:
            if tie.shared.shape != out.shape:
                return None
            out = out.copy_(tie.shared)
            self._counts[out.data_ptr()] = Tie(tie.taken, (out,))
            return out
        if (found := self._two.get(addresses)) is None:
            return None
        operation, tie = found
        if name == "eq":
            return out & (tie.taken == 0)
        loses = 2 if (name == "lt") == (operation == "maximum") else 1
        return out | (tie.taken == loses)


def _address(name: str, args: Sequence[Any]) -> tuple[object, ...]:
    """What an operation works on; each tensor is held, so that its address stays its own."""
    return name, *((arg.data_ptr(), arg.shape, arg.stride()) if isinstance(arg, Tensor) else str(arg) for arg in args)


def _position(tie: Tie, others: Tensor, own: Tensor, dim: int) -> Tensor:
    """Where along a dimension the chosen element is."""
    chosen = others & (others.cumsum(dim) == tie.taken)
    return torch.where(chosen.any(dim, keepdim=True), chosen.int().argmax(dim, keepdim=True), own)


def _bounds(name: str, args: Sequence[Any]) -> tuple[float, ...]:
    """Where the slope of an operation jumps."""
    forward = name.removesuffix("_backward")
    if forward == "hardtanh":
        return float(args[2]), float(args[3])
    if forward in FIXED_BOUNDS:
        bound = float(args[2]) if len(args) > 2 else FIXED_BOUNDS[forward]
        return -bound, bound
    return (0.0,)
