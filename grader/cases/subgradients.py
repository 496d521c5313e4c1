"""What another choice of subgradient at each kink gives: results that cost nothing in a kink case.

At a ReLU, an absolute value, a sign or a comparison that sits exactly at its kink, torch makes one choice and a student
may make another, or anything between the two. Every result that some choices reach is accepted there, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from grader.cases.oracle import Expected, Inputs, evaluate
from grader.cases.rounding import Choice
from grader.exercise import Exercise

MAX_SITES = 32
SWEEPS = 500
NOTHING = 1e-150
"""A smaller change comes of BARELY_POSITIVE and not of the choice."""
ROUNDING = 2.0**-19
"""How far off, relative to the largest of its changes, an entry may be that a choice changes."""


@dataclass(frozen=True)
class Reach:
    """How far one output of a kink case may be from torch's choice.

    changes: for each kink what the other choice changes, shape (kinks, *shape of the output), or for a boolean output
    what it makes of it; None: kinks of other operations, where every finite value is accepted.
    """

    changes: Tensor | None

    def contains(self, actual: Tensor, expected: Expected) -> bool:
        """Whether some choice at each kink gives this result; the shapes must already be equal."""
        if not expected.value.is_floating_point():
            if self.changes is None or actual.shape != expected.value.shape:
                return self.changes is None
            return bool(((actual == expected.value) | (actual == self.changes).any(0)).all())
        if not bool(torch.isfinite(actual).all()):
            return False
        return self.changes is None or _is_between(actual, expected, self.changes)


def reaches(exercise: Exercise, inputs: Inputs, expected: Mapping[str, Expected]) -> dict[str, Reach]:
    """For each output what other choices at the kinks of these inputs reach."""
    with Choice(frozenset()) as counted:
        evaluate(exercise, inputs)
    if counted.others or not 0 < counted.sites <= MAX_SITES:
        return dict.fromkeys(expected, Reach(None))
    every = [frozenset({site}) for site in range(counted.sites)] + [frozenset(range(counted.sites))]
    found = []
    for chosen in every:
        with Choice(chosen):
            found.append(evaluate(exercise, inputs))
    return {
        output: _reach(torch.stack([each[output] for each in found]), answer.value)
        for output, answer in expected.items()
    }


def _reach(results: Tensor, value: Tensor) -> Reach:
    """results: with each other choice alone, and last with all of them.

    Where choices do not add up, as in several steps of training, they are made together: from none to all.
    """
    if not value.is_floating_point():
        return Reach(results)
    changes = results - value
    changes[changes.abs() < NOTHING] = 0
    alone, together = changes[:-1], changes[-1:]
    adds_up = torch.allclose(alone.sum(0), together[0], rtol=1e-9, atol=1e-12)
    return Reach(alone if adds_up else together)


def _is_between(actual: Tensor, expected: Expected, changes: Tensor) -> bool:
    """Whether weights from 0 to 1 on the changes give this result, found by coordinate descent."""
    tolerance = torch.maximum(expected.tolerance.reshape(expected.value.shape), ROUNDING * changes.abs().amax(0))
    wrong = (actual.double() - expected.value).abs()
    if bool((wrong[tolerance == 0] > 0).any()):
        return False
    used = tolerance > 0
    columns = (changes[:, used] / tolerance[used]).T
    target = (actual.double() - expected.value)[used] / tolerance[used]
    gram, right = columns.T @ columns, columns.T @ target
    weights = torch.zeros(len(changes), dtype=torch.float64)
    for _ in range(SWEEPS):
        before = weights.clone()
        for site in range(len(weights)):
            if gram[site, site] > 0:
                step = (right[site] - gram[site] @ weights) / gram[site, site]
                weights[site] = (weights[site] + step).clamp(0, 1)
        if bool(((weights - before).abs() < 1e-12).all()):
            break
    return bool(((target - columns @ weights).abs() <= 2).all())
