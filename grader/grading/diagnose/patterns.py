"""Mistakes that need no author: what the wrong values have to do with the right ones.

A value pattern explains every output of every counting case and of every public example that was run, like a named
misconception; what `claims` and `probing` find only says where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grader.exercise import Check, Exercise, Gradient, Jacobian
from grader.grading import feedback
from grader.grading.compare import resembles, slack
from grader.grading.diagnose import claims, probing
from grader.grading.diagnose.casebook import Casebook
from grader.grading.diagnose.observation import Call, Observation, counting

HALF_PRECISION = 2.0**13
"""By how much float16 rounds more coarsely than float32."""
NEAR = 2.0**-8
"""The most, relative to the largest entry, that a few roundings in float16 are off."""


@dataclass(frozen=True)
class Pattern:
    """A slug when every output is explained, and one sentence."""

    slug: str | None
    hint: str


@dataclass(frozen=True)
class Seen:
    """One output on one case: what came, what is right, and how large each named size was."""

    observation: Observation
    actual: Tensor
    expected: Tensor
    tolerance: Tensor
    sizes: Mapping[str, int]
    slack: float

    def is_like(self, value: Tensor) -> bool:
        """Whether the actual value is this one, rounding aside."""
        return resembles(self.actual, value, self.slack)


def find(
    casebook: Casebook, check: Check, observations: Sequence[Observation], examples: Sequence[Observation], call: Call
) -> Pattern | None:
    """What can be said about a failed check without knowing the exercise's own mistakes.

    examples: the public ones that were run, for which it has to hold as well; call: runs the submission on another.
    """
    exercise = casebook.suite.exercise
    seen = (*counting(observations, check.variant), *examples)
    if pattern := _in_values(casebook, check, seen):
        return pattern
    failed = [o for o in examples if o.judgements[check.output].kind == "values"]
    at_kinks = [o for o in observations if o.case.variant == check.variant and not o.case.counts]
    hint = claims.find(exercise, check, [*seen, *at_kinks], call) or probing.find(exercise, check.output, failed, call)
    return Pattern(None, hint) if hint else None


def on_top_of(output: str, own: Sequence[Observation], predicted: Sequence[Mapping[str, Tensor]]) -> Pattern | None:
    """A relation between an output and what a mistake predicts for it, case by case: the second of two mistakes."""
    shown: list[Seen] = []
    for observation, by_name in zip(own, predicted, strict=True):
        seen = _seen(output, observation)
        if seen is None or not by_name[output].is_floating_point():
            return None
        shown.append(replace(seen, expected=by_name[output]))
        if not _may_be_related(shown[-1], by_name):
            return None
    return _rearranged(output, shown) or _unsummed(output, shown) or _swapped(output, shown, predicted)


def _may_be_related(each: Seen, by_name: Mapping[str, Tensor]) -> bool:
    """Whether some relation that is known gives this shape."""
    same_size = each.actual.numel() == each.expected.numel()
    unsummed = each.actual.shape[1:] == each.expected.shape
    return same_size or unsummed or any(each.actual.shape == value.shape for value in by_name.values())


def _in_values(casebook: Casebook, check: Check, own: Sequence[Observation]) -> Pattern | None:
    """A relation between wrong and right values that holds in every case."""
    seen = [_seen(check.output, observation) for observation in own]
    shown = [each for each in seen if each is not None]
    # Zeros are a placeholder, and are called that already: no multiple or part of the right answer.
    if not any(bool(each.actual.any()) for each in shown):
        return None
    if all(o.judgements[check.output].verdict == "passed" for o in own):
        return None  # what is right in all of these cases has no relation to explain
    if len(shown) < len(seen) or any(each.expected.dtype == torch.bool for each in shown):
        return None
    right = [{name: expected.value for name, expected in o.case.expected.items()} for o in own]
    pattern = (
        _rearranged(check.output, shown)
        or _swapped(check.output, shown, right)
        or _multiple(check.output, shown)
        or _unsummed(check.output, shown)
        or _part_of_an_axis(casebook, check.output, shown)
        or _imprecise(check.output, shown)
        or _masked(check.output, shown)
    )
    return _reworded(casebook.suite.exercise, check.output, own, pattern) if pattern else None


def _reworded(exercise: Exercise, output: str, own: Sequence[Observation], pattern: Pattern) -> Pattern:
    """The sentence that fits: two results in each other's place or only one, a derivative or another value."""
    if pattern.slug == "results-swapped":
        other = next(other for other in exercise.asks if other != output and _holds(own, output, other))
        if not _holds(own, other, output):
            slug = "result-of-another"
            return Pattern(slug, feedback.PATTERNS[slug].format(output=output, other=other))
    if pattern.slug in feedback.VALUE_PATTERNS and not isinstance(exercise.asks[output], (Gradient, Jacobian)):
        return Pattern(pattern.slug, feedback.VALUE_PATTERNS[pattern.slug].format(output=output))
    return pattern


def _holds(own: Sequence[Observation], output: str, other: str) -> bool:
    """Whether an output holds the right values of another in every case."""
    return all(
        (actual := o.judgements[output].actual) is not None
        and resembles(actual, (expected := o.case.expected[other]).value, slack(expected))
        for o in own
    )


def _seen(output: str, observation: Observation) -> Seen | None:
    actual = observation.judgements[output].actual
    if actual is None or not actual.is_floating_point():
        return None
    expected = observation.case.expected[output]
    return Seen(observation, actual, expected.value, expected.tolerance, observation.case.sizes, slack(expected))


def _edge(index: int, axis: int) -> Callable[[Tensor], Tensor | None]:
    """Only the first or last row or column is filled, the rest is zero."""

    def only(expected: Tensor) -> Tensor | None:
        if expected.ndim <= axis:
            return None
        kept = torch.zeros_like(expected)
        kept.select(axis, index).copy_(expected.select(axis, index))
        return kept

    return only


def _matrix(change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor | None]:
    return lambda expected: change(expected) if expected.ndim == 2 else None


TRANSFORMS: Mapping[str, Callable[[Tensor], Tensor | None]] = {
    "transposed": _matrix(lambda expected: expected.T),
    "reshaped-instead-of-transposed": _matrix(lambda expected: expected.T.reshape(expected.shape)),
    "sign-flipped": lambda expected: -expected,
    "absolute-values": lambda expected: expected.abs(),
    "relu-on-the-result": lambda expected: torch.relu(expected),
    "only-last-row": _edge(-1, 0),
    "only-first-row": _edge(0, 0),
    "only-last-column": _edge(-1, 1),
    "only-first-column": _edge(0, 1),
    "extra-axis-in-front": lambda expected: expected[None],
    "extra-axis-at-the-end": lambda expected: expected[..., None],
}


def _rearranged(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The entries in other places, with other signs, or with an axis too many."""
    for slug, transform in TRANSFORMS.items():
        if all((value := transform(each.expected)) is not None and each.is_like(value) for each in shown):
            return Pattern(slug, feedback.PATTERNS[slug].format(output=output))
    return None


def _swapped(output: str, shown: Sequence[Seen], predicted: Sequence[Mapping[str, Tensor]]) -> Pattern | None:
    """This output holds what belongs to another one."""
    for other in predicted[0]:
        if other != output and all(
            each.is_like(by_name[other]) for each, by_name in zip(shown, predicted, strict=True)
        ):
            return Pattern("results-swapped", feedback.PATTERNS["results-swapped"].format(output=output, other=other))
    return None


def _multiple(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """One factor for all entries: a constant, or a size (or its inverse or square root) times a constant."""
    factors = [factor for each in shown if (factor := _factor(each)) is not None]
    if len(factors) < len(shown):
        return None
    known = [(factor, each) for factor, each in zip(factors, shown, strict=True) if factor == factor]
    if not known:
        return None
    values = torch.tensor([factor for factor, _ in known], dtype=torch.float64)
    if (constant := _same(values)) is not None:
        whole = constant in (0.0, 1.0)  # once the right answer, to a few digits, says nothing about a factor
        return None if whole else Pattern("constant-factor", feedback.constant_factor(output, constant))
    for axis in known[0][1].sizes:
        size = torch.tensor([each.sizes[axis] for _, each in known], dtype=torch.float64)
        for power in (-1.0, 1.0, -0.5, 0.5, -2.0, 2.0):
            if (constant := _same(values / size**power)) is not None:
                slug = "mean-instead-of-sum" if power == -1.0 and constant == 1.0 else "factor-of-a-size"
                return Pattern(slug, feedback.factor_of_a_size(output, axis, power, constant))
    return None


def _factor(each: Seen) -> float | None:
    """By which number the right answer is multiplied; NaN where it is 0 everywhere, None where there is none."""
    if each.actual.shape != each.expected.shape:
        return None
    if not bool(each.expected.any()):
        return float("nan") if not bool(each.actual.any()) else None
    factor = float((each.actual.double() * each.expected).sum() / (each.expected**2).sum())
    return factor if each.is_like(factor * each.expected) else None


def _same(values: Tensor) -> float | None:
    """The simple number that all values are, within a thousandth."""
    middle = float(values.median())
    if not bool(((values - middle).abs() <= 1e-3 * abs(middle)).all()):
        return None
    simple = round(middle * 12) / 12
    return simple if simple and abs(simple - middle) < 2e-3 * abs(middle) else middle


def _unsummed(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """One result for each entry along an axis, whose sum over the first axis is right."""
    for each in shown:
        if each.actual.ndim != each.expected.ndim + 1 or each.actual.shape[1:] != each.expected.shape:
            return None
        if not resembles(each.actual.double().sum(0), each.expected, each.slack):
            return None
    axes = [name for name in shown[0].sizes if all(each.actual.shape[0] == each.sizes[name] for each in shown)]
    return Pattern("not-summed-over-the-batch", feedback.unsummed(output, axes[0])) if axes else None


PARTS: Mapping[str, slice] = {
    "only-the-last": slice(-1, None),
    "only-the-first": slice(0, 1),
    "all-but-the-first": slice(1, None),
    "all-but-the-last": slice(0, -1),
}


def _part_of_an_axis(casebook: Casebook, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The right answer, had the batch (or another axis) only held a part of its entries."""
    for axis in shown[0].sizes:
        for name, part in PARTS.items():
            if all(each.actual.shape == each.expected.shape for each in shown) and all(
                _is_part(casebook, output, each, axis, part, name) for each in shown
            ):
                return Pattern(f"{name}-counts", feedback.part_of_an_axis(output, axis, name))
    return None


def _is_part(casebook: Casebook, output: str, each: Seen, axis: str, part: slice, name: str) -> bool:
    if each.sizes[axis] == 1 and name.startswith("all-but"):
        return not bool(each.actual.any())
    value = casebook.with_part(each.observation.case, axis, part, name).get(output)
    return value is not None and each.is_like(value)


def _imprecise(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Right to two or three digits everywhere: half precision, or a difference quotient."""
    if all(each.actual.shape == each.expected.shape and _is_near(each) for each in shown):
        return Pattern("half-precision", feedback.PATTERNS["half-precision"].format(output=output))
    return None


def _is_near(each: Seen) -> bool:
    """Within the tolerance that the case would have, were everything computed in float16, and close at all."""
    difference = (each.actual.double() - each.expected).abs()
    close = difference <= NEAR * each.expected.abs().max()
    return bool((close & (difference <= HALF_PRECISION * each.tolerance)).all())


def _masked(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Only entries that should be 0 are wrong, or only entries that are 0 and should not be."""
    if any(each.actual.shape != each.expected.shape for each in shown):
        return None
    if any(not bool(each.actual.isfinite().all()) for each in shown):
        return None
    wrong = [(each.actual.double() - each.expected).abs() > each.slack * each.expected.abs().max() for each in shown]
    if all(bool((each.expected[bad] == 0).all()) for each, bad in zip(shown, wrong, strict=True)):
        return Pattern(None, feedback.PATTERNS["zeros-missing"].format(output=output))
    if all(bool((each.actual[bad] == 0).all()) for each, bad in zip(shown, wrong, strict=True)):
        return Pattern(None, feedback.PATTERNS["zeros-too-many"].format(output=output))
    return None
