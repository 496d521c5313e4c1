"""A wrong rule of calculus for one kind of operation, and the operation as such a rule sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

import torch
from torch import Tensor

Gradients = Sequence[Union[Tensor, None]]
"""One gradient for each operand; None where nothing is passed back."""


class DoesNotFit(Exception):
    """A rule makes no sense for this operation: an axis, an epsilon or a second operand is not there."""


@dataclass
class Operation:
    """One call of a torch function during a forward pass.

    function: as torch dispatches it; args, kwargs: its arguments, in which the float tensors are the operands.
    swapped: the call is reflected, as in `1 - x`.
    epsilon: the small number in the author's code, such as the eps of a normalisation; None where there is none.
    before: for each operand that an activation made, what went into the activation.
    visit, visits: which round of a loop this call belongs to, and how many there are; complete in the backward pass.
    g: the gradient that arrives; y: the result; constant: the number that the student chose.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    swapped: bool = False
    epsilon: float | None = None
    before: tuple[Tensor | None, ...] = ()
    visit: int = 0
    visits: int = 1
    constant: float = 0.0
    g: Tensor = field(default_factory=lambda: torch.zeros(()))
    y: Tensor = field(default_factory=lambda: torch.zeros(()))

    def __post_init__(self) -> None:
        self.operands: tuple[Tensor, ...] = tuple(_floats((*self.args, *self.kwargs.values())))

    @property
    def x(self) -> Tensor:
        """The first operand."""
        return self.operands[0]

    @property
    def first(self) -> Any:
        """The left side of a binary operation, a tensor or a number."""
        return self.args[1 if self.swapped else 0]

    @property
    def second(self) -> Any:
        """The right side of a binary operation, a tensor or a number."""
        return self.args[0 if self.swapped else 1]

    def argument(self, name: str, position: int, default: Any = None) -> Any:
        """An argument that may be given by name or by position."""
        return self.args[position] if len(self.args) > position else self.kwargs.get(name, default)

    def value(self, *operands: Tensor) -> Tensor:
        """The result for other operands (or the same); the values only, where the function returns indices too."""
        left = iter(operands or self.operands)
        args = [_filled(each, left) for each in self.args]
        result = self.function(*args, **{key: _filled(each, left) for key, each in self.kwargs.items()})
        return result if isinstance(result, Tensor) else result[0]

    def right(self, *operands: Tensor, g: Tensor | None = None) -> list[Tensor | None]:
        """The right gradients, for other operands or another arriving gradient where these are given."""
        with torch.enable_grad():
            leaves = [each.detach().requires_grad_() for each in operands or self.operands]
            result = self.value(*leaves)
            upstream = (self.g if g is None else g).expand_as(result)
            return list(torch.autograd.grad(result, leaves, upstream, allow_unused=True))

    def gradient(self, operand: int, g: Tensor | None = None) -> Tensor:
        """The right gradient of one operand; raises DoesNotFit where it has none."""
        found = self.right(g=g)[operand]
        if found is None:
            raise DoesNotFit("no gradient")
        return found

    def gradients(self, first: Tensor | None = None, second: Tensor | None = None) -> list[Tensor | None]:
        """The right gradients, but for the sides of a binary operation that are given."""
        found = self.right()
        sides = [(second if self.swapped else first), (first if self.swapped else second)]
        given = [side for side, each in zip(sides, self.args, strict=False) if is_float(each)]
        for position, side in enumerate(given):
            if side is not None:
                found[position] = side
        return found


@dataclass(frozen=True)
class Rule:
    """One way to get one operation wrong; exactly one of backward, forward and instead is given.

    slug: a stable name such as "no-relu-mask".
    hint: what a good teacher says, never the right code; {x}, {w} and {y} become the author's names of the first
        operand, the second operand and the result.
    backward: the wrong gradients, one for each operand; a bare tensor is the gradient of the first operand.
    forward: a wrong result, with the right operation's gradients; instead: a wrong result with its own gradients.
    constant: a number that the student chose, as usual; the diagnosis finds out which other one a student took.
    advice: True when it costs nothing (a matter of convention).
    """

    slug: str
    hint: str
    backward: Callable[[Operation], Tensor | Gradients] | None = None
    forward: Callable[[Operation], Tensor] | None = None
    instead: Callable[[Operation], Tensor] | None = None
    constant: float | None = None
    advice: bool = False

    def propagate(self, operation: Operation) -> Gradients:
        """What the backward pass hands to the operands."""
        if self.backward is None:
            return operation.right()
        found = self.backward(operation)
        if not isinstance(found, Tensor):
            return found
        return (found, *operation.right()[1:])


Table = Mapping[str, tuple[Rule, ...]]
"""The wrong rules of each kind of operation."""


def is_float(value: Any) -> bool:
    """Whether a value is an operand: a tensor of real numbers."""
    return isinstance(value, Tensor) and value.is_floating_point()


def _floats(values: Sequence[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _floats(value)
        elif is_float(value):
            yield value


def _filled(value: Any, operands: Iterator[Tensor]) -> Any:
    """An argument with its operands replaced by the next ones."""
    if isinstance(value, (list, tuple)):
        filled = [_filled(each, operands) for each in value]
        return tuple(filled) if isinstance(value, tuple) else filled
    return next(operands) if is_float(value) else value
