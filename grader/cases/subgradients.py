"""What other choices of subgradient at kinks give: results that cost nothing in a kink case.

At a kink torch makes one choice and a student may make another, or anything between: a slope between those of the
two sides, at a tie nonnegative weights of sum 1. Every result that some choices reach is accepted there, and so is the
whole gradient for each element of every tie, a frequent convention; nothing else is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from math import prod

import numpy as np
import torch
from torch import Tensor

from grader.cases.oracle import Expected, Inputs, Outputs, evaluate, expect
from grader.cases.rounding import FULL, Choice
from grader.exercise import Exercise

MOST_CHOICES = 128
"""With more choices than these every finite value is accepted: to try them all would take too long."""
MOST_COMBINED = 32
"""So many combinations of choices are tried each by itself, where choices do not add up."""
SHARES = (0.25, 0.5, 0.75, 1.0)
LAST = 2**20
"""More choices than there are at any kink: the last one."""
SWEEPS = 500
ROUNDING = 2.0**-19
"""How far off, relative to the largest of its changes, an entry may be that a choice changes."""
WITHIN = 2.0
"""How many tolerances a result may be off."""


Around = tuple[Tensor, Tensor, tuple[int, ...]]
"""A result; what other choices change in it (for whole numbers and a boolean: what they make of it), of shape
(choices, *shape of the output); and the kink that each choice belongs to."""


@dataclass(frozen=True)
class Reach:
    """How far one output of a kink case may be from torch's choice.

    around: torch's choice, and that of every tie in full; None: kinks whose choices are not known, where every finite
    value is accepted.
    tolerance: of each entry, whatever is chosen.
    """

    around: tuple[Around, ...] | None
    tolerance: Tensor | None = None

    def contains(self, actual: Tensor, expected: Expected) -> bool:
        """Whether some choice at each kink gives this result; the shapes must already be equal."""
        if self.around is None:
            return not actual.is_floating_point() or bool(torch.isfinite(actual).all())
        if not expected.value.is_floating_point():
            return any(bool(((actual == one) | (actual == others).any(0)).all()) for one, others, _ in self.around)
        if not bool(torch.isfinite(actual).all()):
            return False
        assert self.tolerance is not None
        return any(
            _is_between(actual.double() - one, changes, kinks, self.tolerance) for one, changes, kinks in self.around
        )


def reaches(exercise: Exercise, inputs: Inputs, expected: Mapping[str, Expected]) -> dict[str, Reach] | None:
    """For each output what other choices at the kinks of these inputs reach; None where rounding decides that."""
    counted = Choice()
    with counted:
        evaluate(exercise, inputs)
    if counted.unknown or sum(counted.others) > MOST_CHOICES:
        return dict.fromkeys(expected, Reach(None))
    kinks = {place: others - (place in counted.ties) for place, others in enumerate(counted.others)}
    found = [_around(exercise, inputs, kinks, counted.slopes, 0)]
    policies = [1] if kinks else []
    if max(kinks.values(), default=0) > 1:
        policies.append(LAST)
    if counted.ties:
        no_ties = {place: others for place, others in kinks.items() if place not in counted.ties}
        found.append(_around(exercise, inputs, no_ties, counted.slopes, FULL))
        policies.append(FULL)
    answers = [expected]
    for usual in policies:
        answer = expect(exercise, inputs, partial(Choice, usual=usual))
        if answer is None:
            return None
        answers.append(answer)
    return {
        output: _reach([each[output] for each in found], [each[output].tolerance for each in answers])
        for output in expected
    }


def _reach(around: Sequence[Around], tolerances: Sequence[Tensor]) -> Reach:
    changes = [each.abs().amax(0) for _, each, _ in around if len(each) and each.is_floating_point()]
    bounds = [each.reshape(around[0][0].shape) for each in (*tolerances, *(ROUNDING * each for each in changes))]
    return Reach(tuple(around), torch.stack(bounds).amax(0))


def _around(
    exercise: Exercise, inputs: Inputs, kinks: Mapping[int, int], slopes: Collection[int], usual: int
) -> dict[str, Around]:
    """What choices at some kinks change, by output.

    kinks: how many other choices each has; slopes: those of which a part can be taken; usual: the choice at the others.
    """

    def answer(chosen: Mapping[int, int], share: float = 1.0) -> Outputs:
        with Choice(chosen, usual, share):
            return evaluate(exercise, inputs)

    base = answer({})
    choices = [(place, one) for place, others in kinks.items() for one in range(1, others + 1)]
    alone = [answer({place: one}) for place, one in choices]
    first, last = dict.fromkeys(kinks, 1), dict(kinks)
    together = [(chosen, 1.0, answer(chosen)) for chosen in ((first, last) if first != last else (first,))]
    if halved := {place: 1 for place in kinks if place in slopes}:
        together.append((halved, 0.5, answer(halved, 0.5)))
    found: dict[str, Around] = {}
    for output, value in base.items():
        if not value.is_floating_point():
            found[output] = value, _stacked([*alone, *(each for _, _, each in together)], output, value), ()
            continue
        changes = _stacked(alone, output, value) - value
        if all(_adds_up(each[output] - value, chosen, share, choices, changes) for chosen, share, each in together):
            found[output] = value, changes, tuple(place for place, _ in choices)
    if len(found) < len(base):
        combined = [answer(first, share) for share in SHARES] + [answer(last)]
        if prod(others + 1 for others in kinks.values()) <= MOST_COMBINED:
            combined += [answer(dict(zip(kinks, each, strict=True))) for each in _combinations(kinks)]
        for output in base.keys() - found.keys():
            changes = _stacked(combined, output, base[output]) - base[output]
            found[output] = base[output], changes, (0,) * len(changes)
    return found


def _adds_up(
    change: Tensor, chosen: Mapping[int, int], share: float, choices: Sequence[tuple[int, int]], changes: Tensor
) -> bool:
    """Whether choices that are made together change what they change one by one."""
    parts = [each for (place, one), each in zip(choices, changes, strict=True) if chosen.get(place) == one]
    return torch.allclose(change, share * sum(parts, torch.zeros_like(change)), rtol=1e-9, atol=1e-12)


def _combinations(kinks: Mapping[int, int]) -> list[tuple[int, ...]]:
    return list(product(*(range(others + 1) for others in kinks.values())))


def _stacked(results: Sequence[Outputs], output: str, value: Tensor) -> Tensor:
    """One output of several results; of shape (0, *shape) where there are none."""
    return torch.stack([each[output] for each in results]) if results else value.new_empty(0, *value.shape)


def _is_between(difference: Tensor, changes: Tensor, kinks: Sequence[int], tolerance: Tensor) -> bool:
    """Whether nonnegative weights on the changes, of sum 1 or less at each kink, give this difference.

    Found by exchanging weight between two choices of a kink, torch's own choice among them, until nothing gets better.
    """
    exact = tolerance == 0
    if bool((difference[exact] != 0).any()):
        return False
    columns = (changes[:, ~exact] / tolerance[~exact]).numpy()
    target = (difference[~exact] / tolerance[~exact]).numpy()
    groups = [np.flatnonzero(np.equal(kinks, kink)) for kink in dict.fromkeys(kinks)]
    low = sum((np.minimum(columns[own].min(0), 0) for own in groups), np.zeros_like(target))
    high = sum((np.maximum(columns[own].max(0), 0) for own in groups), np.zeros_like(target))
    if ((target < low - WITHIN) | (target > high + WITHIN)).any():
        return False
    columns = np.concatenate([columns, np.zeros((1, columns.shape[1]))])  # the last one is torch's own choice
    pairs = [pair for own in groups for pair in combinations([*own, len(columns) - 1], 2)]
    gram, slope = columns @ columns.T, columns @ target
    weights = np.zeros(len(columns))
    own_weight = {int(choice): position for position, own in enumerate(groups) for choice in own}
    left = np.ones(len(groups))
    for _ in range(SWEEPS):
        moved = 0.0
        for one, other in pairs:
            curvature = gram[one, one] + gram[other, other] - 2 * gram[one, other]
            if curvature <= 0:
                continue
            position = own_weight[one]
            most = left[position] if other == len(columns) - 1 else weights[other]
            step = min(max((slope[one] - slope[other]) / curvature, -weights[one]), most)
            weights[one] += step
            if other == len(columns) - 1:
                left[position] -= step
            else:
                weights[other] -= step
            slope -= step * (gram[one] - gram[other])
            moved = max(moved, abs(step))
        if (np.abs(target - weights @ columns) <= WITHIN).all():
            return True
        if moved < 1e-12:
            break
    return bool((np.abs(target - weights @ columns) <= WITHIN).all())
