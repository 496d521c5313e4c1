"""Wrong rules with a factor that is open: a result, a gradient or one term of a derivative times a number."""

from __future__ import annotations

from functools import partial

import torch

from grader.rules.rule import Gradients, Operation, Rule, Table

SLUG = "term-off-by-a-factor"
HINT = "One term is off by a factor."


def _operand(position: int, o: Operation) -> Gradients:
    found = o.right()
    gradient = found[position]
    found[position] = None if gradient is None else o.constant * gradient
    return found


TERMS: Table = {
    "log_softmax": (
        Rule(SLUG, HINT, lambda o: o.g - o.constant * _normalised(o), constant=1.0),
        Rule(SLUG, HINT, lambda o: o.constant * o.g - _normalised(o), constant=1.0),
    ),
    "softmax": (Rule(SLUG, HINT, lambda o: o.y * o.g - o.constant * (o.y * o.g - o.gradient(0)), constant=1.0),),
}
"""Derivatives that are a sum of terms."""


def _normalised(o: Operation) -> torch.Tensor:
    return o.g - o.gradient(0)


def scaled(operation: str, operands: int) -> tuple[Rule, ...]:
    """The rules of one operation, each with a factor that is 1 where it is right."""
    return (
        *TERMS.get(operation, ()),
        *(Rule(SLUG, HINT, partial(_operand, position), constant=1.0) for position in range(min(operands, 2))),
        Rule(SLUG, HINT, instead=lambda o: o.constant * o.value(*o.operands), constant=1.0),
    )
