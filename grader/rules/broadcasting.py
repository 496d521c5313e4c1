"""Wrong rules for sums, differences, products and quotients, and for the axes that broadcasting adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.rules.rule import DoesNotFit, Operation, Rule, Table

Side = Callable[[Operation], Tensor]


def _first(slug: str, hint: str, wrong: Side) -> Rule:
    return Rule(slug, hint, lambda o: o.gradients(first=wrong(o)))


def _second(slug: str, hint: str, wrong: Side) -> Rule:
    return Rule(slug, hint, lambda o: o.gradients(second=wrong(o)))


def _spread(o: Operation, side: Any = None) -> tuple[int, ...]:
    """The axes over which a side is repeated, the second one by default."""
    side = o.second if side is None else side
    own = side.shape if isinstance(side, Tensor) else o.g.shape
    front = o.g.ndim - len(own)
    if not (axes := (*range(front), *(front + i for i, n in enumerate(own) if n == 1 != o.g.shape[front + i]))):
        raise DoesNotFit("nothing is broadcast")
    return axes


def _averaged(o: Operation, side: Any) -> Tensor:
    return o.g.mean(_spread(o, side), keepdim=True)


def _one_of(o: Operation, index: int, side: Any) -> Tensor:
    g = o.g
    for axis in _spread(o, side):
        g = g.narrow(axis, index % g.shape[axis], 1)
    return g


def _factor(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value


def _whole_batch(o: Operation) -> Tensor:
    """Every entry of the first side meets every entry of the second one, and the differences are summed."""
    first, second = _vectors(o)
    return (first - second[:, None]).sum(0)


def _whole_batch_averaged(o: Operation) -> Tensor:
    first, second = _vectors(o)
    return (first - second[:, None]).mean(0)


def _vectors(o: Operation) -> tuple[Tensor, Tensor]:
    if not (isinstance(o.first, Tensor) and isinstance(o.second, Tensor) and o.first.ndim == o.second.ndim == 1):
        raise DoesNotFit("no two vectors")
    return o.first, o.second


def _repeated(make: Callable[[str, str, Side], Rule], side: Callable[[Operation], Any], name: str) -> tuple[Rule, ...]:
    """What goes wrong with a side that is used once for each entry of the other one."""
    return (
        make(
            "broadcast-axis-averaged",
            name + " was used once for each repeated entry: its uses are added, not averaged.",
            lambda o: _averaged(o, side(o)),
        ),
        make(
            "broadcast-axis-last-only",
            name + " was used more than once: every use contributes to its gradient, not only the last.",
            lambda o: _one_of(o, -1, side(o)),
        ),
        make(
            "broadcast-axis-first-only",
            name + " was used more than once: every use contributes to its gradient, not only the first.",
            lambda o: _one_of(o, 0, side(o)),
        ),
    )


REPEATED = (*_repeated(_second, lambda o: o.second, "{w}"), *_repeated(_first, lambda o: o.first, "{x}"))
IGNORED = (
    _first(
        "first-path-ignored",
        "Two paths meet at {y}: the gradient goes back along both.",
        lambda o: torch.zeros_like(o.g),
    ),
    _second(
        "second-path-ignored",
        "Two paths meet at {y}: the gradient goes back along both.",
        lambda o: torch.zeros_like(o.g),
    ),
)
ADD = (
    *REPEATED,
    *IGNORED,
    _second(
        "times-its-own-value",
        "{w} is added once and undisturbed: what is the derivative by it?",
        lambda o: o.g * _factor(o.second),
    ),
    _second("sign-flipped", "{w} is added: does its gradient change the sign?", lambda o: -o.g),
    Rule(
        "epsilon-forgotten",
        "Something small is added in the forward pass: is it left out?",
        instead=lambda o: _without_small(o),
    ),
    Rule("summand-forgotten", "The forward pass adds {w}: is it left out?", forward=lambda o: _kept(o)),
)


def _without_small(o: Operation) -> Tensor:
    small = o.second if isinstance(o.second, float) else o.first
    if not isinstance(small, float) or small > 0.01:
        raise DoesNotFit("nothing small is added")
    return o.x / 1


def _kept(o: Operation) -> Tensor:
    if not isinstance(o.first, Tensor):
        raise DoesNotFit("nothing is left")
    return o.first.expand_as(o.y)


SUB = (
    _second("sign-flipped", "{w} is subtracted: what does that do to the sign of its gradient?", lambda o: o.g),
    Rule(
        "sign-flipped",
        "If the first value rises, does the difference rise or fall?",
        lambda o: o.gradients(first=-o.g, second=o.g),
    ),
    *REPEATED,
    *IGNORED,
    Rule(
        "column-targets",
        "(N,) against (N, 1) broadcasts: every entry is compared with every other.",
        forward=_whole_batch,
    ),
    Rule(
        "column-targets-averaged",
        "(N,) against (N, 1) broadcasts: every entry is compared with the average of the others.",
        forward=_whole_batch_averaged,
    ),
    Rule(
        "integer-targets",
        "What is subtracted may lie between whole numbers: keep it a float.",
        forward=lambda o: o.first - o.second.trunc(),
    ),
    Rule(
        "absolute-error",
        "The sign of the difference matters: it tells in which direction to move.",
        forward=lambda o: o.y.abs(),
    ),
)
MUL = (
    _first("factor-dropped", "The derivative of a product by one factor contains the other one.", lambda o: o.g),
    _second("factor-dropped", "The derivative of a product by one factor contains the other one.", lambda o: o.g),
    _first(
        "own-value-as-derivative",
        "The derivative of a product by one factor is the other factor.",
        lambda o: o.g * _factor(o.first),
    ),
    _second(
        "own-value-as-derivative",
        "The derivative of a product by one factor is the other factor.",
        lambda o: o.g * _factor(o.second),
    ),
    _first(
        "divided-instead-of-multiplied",
        "Going back through a product does not undo it: multiply, do not divide.",
        lambda o: o.g / _factor(o.second),
    ),
    _second(
        "divided-instead-of-multiplied",
        "Going back through a product does not undo it: multiply, do not divide.",
        lambda o: o.g / _factor(o.first),
    ),
    _first("factor-squared", "The other factor enters the derivative once.", lambda o: o.g * _factor(o.second) ** 2),
    _second("factor-squared", "The other factor enters the derivative once.", lambda o: o.g * _factor(o.first) ** 2),
    _first(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on to {x}.",
        lambda o: torch.ones_like(o.g) * _factor(o.second),
    ),
    _second(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on to {w}.",
        lambda o: torch.ones_like(o.g) * _factor(o.first),
    ),
    _second(
        "broadcast-axis-averaged",
        "{w} was used once for each repeated entry: its uses are added, not averaged.",
        lambda o: (o.g * _factor(o.first)).mean(_spread(o), keepdim=True),
    ),
    _second(
        "broadcast-axis-last-only",
        "{w} was used more than once: every use contributes to its gradient, not only the last.",
        lambda o: _one_use(o, -1),
    ),
    _second(
        "product-of-sums",
        "Pair each entry with its own gradient before you sum: the sum of products is not the product of sums.",
        lambda o: _sums(o, o.second, o.first),
    ),
    _first(
        "product-of-sums",
        "Pair each entry with its own gradient before you sum: the sum of products is not the product of sums.",
        lambda o: _sums(o, o.first, o.second),
    ),
    *IGNORED,
    Rule("before-activation", "The product takes the values after the activation.", lambda o: _unactivated(o)),
)


def _sums(o: Operation, side: Any, other: Any) -> Tensor:
    axes = _spread(o, side)
    found: Tensor = o.g.sum(axes, keepdim=True) * _factor(other).expand_as(o.g).sum(axes, keepdim=True)
    return found


def _one_use(o: Operation, index: int) -> Tensor:
    product: Tensor = o.g * _factor(o.first)
    for axis in _spread(o):
        product = product.narrow(axis, index % product.shape[axis], 1)
    return product


def _unactivated(o: Operation) -> list[Tensor | None]:
    """The gradients with what went into the activations in place of what came out of them."""
    if not any(each is not None for each in o.before):
        raise DoesNotFit("no activation made an operand")
    return o.right(*(own if each is None else each for own, each in zip(o.operands, o.before, strict=False)))


def _complement(o: Operation) -> Tensor:
    """The number c of a weighted average in the place of 1 - c, in the result and the gradient."""
    number = next((each for each in o.args if isinstance(each, float)), 0.0)
    if not 0 < number < 1:
        raise DoesNotFit("no weight")
    return o.x * (1 - number)


COMPLEMENT = Rule(
    "weights-swapped",
    "Which of the two gets the larger weight: what was there before, or what is new?",
    instead=_complement,
)
"""Wrong at every product of a weighted average at once."""

DIV = (
    _first("divisor-dropped", "{x} is divided on its way: so is its gradient.", lambda o: o.g),
    _first(
        "multiplied-instead-of-divided",
        "{x} is divided on its way: what happens to its gradient?",
        lambda o: o.g * _factor(o.second),
    ),
    _second(
        "divisor-held-fixed",
        "The divisor {w} depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.g),
    ),
    _second(
        "sign-flipped",
        "If the divisor grows, does the quotient rise or fall?",
        lambda o: o.g * _factor(o.first) / _factor(o.second) ** 2,
    ),
    _second(
        "divisor-not-squared",
        "The quotient rule has a square below.",
        lambda o: -o.g * _factor(o.first) / _factor(o.second),
    ),
    _second(
        "numerator-dropped",
        "The derivative by the divisor still contains what is divided.",
        lambda o: -o.g / _factor(o.second) ** 2,
    ),
    _second(
        "divisor-cubed", "The power below is one too high.", lambda o: -o.g * _factor(o.first) / _factor(o.second) ** 3
    ),
    _first(
        "numerator-held-fixed", "{x} has a gradient of its own, besides the divisor's.", lambda o: torch.zeros_like(o.g)
    ),
    Rule("not-divided", "The forward pass divides: is it left out?", forward=lambda o: _kept(o)),
)


TABLE: Table = {"add": ADD, "sub": SUB, "mul": MUL, "div": DIV}
