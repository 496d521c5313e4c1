"""One output on one case, next to what is right: where relations between wrong and right values are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from grader.cases.case import Case
from grader.cases.oracle import Expected
from grader.grading.compare import resembles, slack
from grader.grading.diagnose.observation import Observation

SHARE = 2.0**-5
"""The part of a mistake's effect that an explanation may leave unexplained."""


def explains(actual: Tensor, predicted: Tensor, right: Expected, relative: float) -> bool:
    """Whether a result is what a mistake gives, and not only near to it because all that is likely is near.

    A mistake in a small step changes a large result little: what has to be explained is the change. relative: how far
    off, relative to its largest entry, a value may be.
    """
    if not resembles(actual, predicted, relative):
        return False
    if not actual.is_floating_point() or predicted.shape != right.value.shape:
        return True
    finite = predicted.isfinite() & right.value.isfinite()
    effect = (predicted - right.value)[finite].abs()
    if not effect.numel():
        return True
    off = (actual.double() - predicted)[finite].abs().max()
    return bool(off <= max(SHARE * float(effect.max()), 4 * float(right.tolerance.max())))


@dataclass(frozen=True)
class Pattern:
    """A slug when every output is explained, and one sentence."""

    slug: str | None
    hint: str


@dataclass(frozen=True)
class Seen:
    """One output on one case.

    actual: what came; right: what is right; expected: what that is compared with, the right value or one mistake's.
    """

    case: Case
    actual: Tensor
    right: Expected
    expected: Tensor
    slack: float

    @property
    def sizes(self) -> Mapping[str, int]:
        """The lengths of the named axes."""
        return self.case.sizes

    def is_like(self, value: Tensor) -> bool:
        """Whether the actual value is this one, rounding aside."""
        return explains(self.actual, value, self.right, self.slack)


def seen(output: str, observation: Observation) -> Seen | None:
    """What an output was on a case; None where nothing came, or no real numbers."""
    actual = observation.judgements[output].actual
    if actual is None or not actual.is_floating_point():
        return None
    expected = observation.case.expected[output]
    return Seen(observation.case, actual, expected, expected.value, slack(expected))
