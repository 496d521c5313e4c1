"""Wrong rules for any operation, above all for one that a loop comes by more than once."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from grader.rules.rule import DoesNotFit, Gradients, Operation, Rule


def _right(o: Operation, operand: int) -> list[Tensor | None]:
    """The right gradients of an operation that has such an operand."""
    if operand >= len(o.operands):
        raise DoesNotFit("no such operand")
    return o.right()


def _every(slug: str, hint: str, keep: float) -> Rule:
    return Rule(slug, hint, lambda o: [None if each is None else keep * each for each in o.right()])


def _one_visit(o: Operation, visit: int) -> Gradients:
    """Only one round of the loop passes a gradient on to anything."""
    return o.right() if o.visit == visit % o.visits else [None for _ in o.operands]


def _one_visit_of(o: Operation, operand: int, visit: int) -> Gradients:
    """Only one round of the loop passes a gradient on to one operand, such as the weights."""
    found = _right(o, operand)
    if o.visit != visit % o.visits:
        found[operand] = None
    return found


def _dropped(o: Operation, operand: int) -> Gradients:
    found = _right(o, operand)
    found[operand] = None
    return found


def _averaged(o: Operation, operand: int) -> Gradients:
    found = _right(o, operand)
    gradient = found[operand]
    found[operand] = None if gradient is None else gradient / o.visits
    return found


ANY = (
    _every("sign-flipped", "Every sign is the other way round from here on.", -1.0),
    Rule(
        "upstream-dropped",
        "The gradient that arrives at {y} does not go on.",
        lambda o: o.right(g=torch.ones_like(o.g)),
    ),
    _every("path-ignored", "{y} depends on the input too: the gradient along this path is missing.", 0.0),
)
"""Rules that make sense at every operation."""

LOOP = (
    Rule(
        "last-step-only",
        "Every step of the loop contributes, and here only the last one does: is += missing?",
        lambda o: _one_visit(o, -1),
    ),
    Rule(
        "first-step-only",
        "Every step of the loop contributes, and here only the first one does.",
        lambda o: _one_visit(o, 0),
    ),
    Rule(
        "last-step-only",
        "Every step of the loop contributes to the gradient of {w}: is += missing?",
        lambda o: _one_visit_of(o, 1, -1),
    ),
    Rule(
        "first-step-only",
        "Every step of the loop contributes to the gradient of {w}.",
        lambda o: _one_visit_of(o, 1, 0),
    ),
    Rule("steps-averaged", "The steps' contributions are added, not averaged.", lambda o: _averaged(o, 0)),
    Rule("steps-averaged", "The steps' contributions are added, not averaged.", lambda o: _averaged(o, 1)),
)
"""Rules for an operation in a loop."""


def through_time(carried: tuple[int, ...]) -> tuple[Rule, ...]:
    """For operands that come from the round before: their gradient is dropped."""
    hint = "comes from the step before: the gradient goes on to it."
    return tuple(
        Rule("gradient-through-time-dropped", f"{name} {hint}", partial(_dropped, operand=operand))
        for operand, name in zip((0, 1), ("{x}", "{w}"), strict=True)
        if operand in carried
    )
