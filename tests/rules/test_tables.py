"""Every operation of the tables: the right gradients survive the replacement, and every rule is wrong somewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.cases import oracle
from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.rules import engine
from grader.rules.rule import DoesNotFit, Rule
from grader.rules.tables import COMPOUNDS, TABLE, rules_of
from tests.rules.samples import ONE, TWO

SAMPLES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    **{name: (lambda x, w, f=function: f(x)) for name, function in ONE.items()},
    **TWO,
}
GENERATOR = torch.Generator().manual_seed(3)
INPUTS = {"x": torch.randn(3, 4, generator=GENERATOR), "w": torch.randn(3, 4, generator=GENERATOR)}
NEEDS = {
    "before-relu": "an operand that an activation made",
    "before-activation": "an operand that an activation made",
    "epsilon-forgotten": "a small summand",
    "column-targets": "two vectors",
    "every-label-in-every-row": "one index in each row",
    "small-number-in-the-log": "a number that the student chose",
    "column-targets-averaged": "two vectors",
    "every-tie-gets-the-gradient": "two equal entries",
    "weights-not-transposed": "a square matrix",
    "input-not-transposed": "a square matrix",
    "pooling-stride-ignored": "windows that overlap, or lie apart, without the end",
}
"""Rules that the samples are too plain for, and what they need."""


SEVERAL = frozenset(
    "softmax-wrong-axis broadcast-axis-averaged broadcast-axis-first-only broadcast-axis-last-only product-of-sums "
    "relu-cut-off-above".split()
)
"""Names of several rules, one for each axis, side or bound, of which the samples show one at least."""


def place_of(exercise: Exercise, operation: str) -> engine.Place:
    return next(place for place in engine.places(exercise, INPUTS) if place.operation == operation)


def evaluated(exercise: Exercise, place: engine.Place, rule: Rule) -> oracle.Outputs | None:
    """What a rule gives; None where it does not fit; NaN where its shapes do not fit."""
    try:
        return engine.evaluate(exercise, INPUTS, {place.instruction: (rule,)})
    except Exception as error:
        reason = error.__cause__ if isinstance(error, ExerciseError) else error
        return None if isinstance(reason, DoesNotFit) else {"dx": torch.tensor(torch.nan).double()}


def test_there_are_enough() -> None:
    """At least eighty rules over twenty-five operations, not counting those that every operation has."""
    assert len(TABLE) >= 25
    assert len({(rule.slug, operation) for operation, rules in TABLE.items() for rule in rules}) >= 80


def test_every_operation_has_a_sample() -> None:
    """No table without a forward pass that uses it."""
    assert set(SAMPLES) == set(TABLE)


@pytest.mark.parametrize("operation", SAMPLES)
def test_right_gradients_survive(operation: str, asked: Callable[..., Exercise]) -> None:
    """An operation that is replaced by itself gives the oracle's own numbers."""
    exercise = asked(SAMPLES[operation])
    place = place_of(exercise, operation)
    itself = Rule("itself", "", lambda o: o.right())
    found = engine.evaluate(exercise, INPUTS, {place.instruction: (itself,)})
    right = oracle.evaluate(exercise, INPUTS)
    assert found.keys() == right.keys()
    for name, value in right.items():
        torch.testing.assert_close(found[name], value)


@pytest.mark.parametrize("operation", SAMPLES)
def test_every_rule_is_wrong(operation: str, asked: Callable[..., Exercise]) -> None:
    """Each rule changes a result or a gradient; shape errors and rules that do not fit are said to be so."""
    exercise = asked(SAMPLES[operation])
    place = place_of(exercise, operation)
    right = oracle.evaluate(exercise, INPUTS)
    shown: set[str] = set()
    for rule in TABLE[operation]:
        found = evaluated(exercise, place, rule)
        assert found is not None or rule.slug in NEEDS or rule.slug in SEVERAL, rule.slug
        same = found is not None and all(torch.allclose(found[name], right[name]) for name in found)
        assert not same or rule.advice or rule.slug in NEEDS or rule.slug in SEVERAL, rule.slug
        if found is not None and not same:
            shown.add(rule.slug)
    assert {rule.slug for rule in TABLE[operation]} & SEVERAL <= shown


@pytest.mark.parametrize("operation", TABLE)
def test_hints_are_short_sentences(operation: str) -> None:
    """One or two sentences, no code, and placeholders that can be filled in."""
    for rule in rules_of(operation, 2):
        hint = rule.hint.format(x="h", w="W", y="score")
        assert hint[-1] in ".?", hint
        assert 20 < len(hint) <= 130, hint
        assert "torch." not in hint
        assert "@" not in hint


def test_each_rule_is_one_kind_of_wrong() -> None:
    """A rule changes the gradients, the result, or the function; nothing or two of them would be ambiguous."""
    for operation in TABLE:
        for rule in rules_of(operation, 2):
            assert sum(map(bool, (rule.backward, rule.forward, rule.instead))) == 1, rule.slug


def test_compounds_are_made_of_rules() -> None:
    """Each part of a compound names a rule of its operation."""
    for compound in COMPOUNDS:
        for operation, slug in compound.parts:
            assert slug in {rule.slug for rule in TABLE[operation]}
