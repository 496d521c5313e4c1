"""Mistakes that need no author: what the wrong values have to do with the right ones.

A value pattern explains every output of every counting case and of every public example that was run, like a named
misconception; what `claims` and `probing` find only says where to look.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from grader.exercise import Check, Exercise, Gradient, Jacobian
from grader.grading import feedback
from grader.grading.compare import resembles, slack
from grader.grading.diagnose import claims, probing, relations, sizes
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.observation import Observation, Rerun, counting
from grader.grading.diagnose.seen import Pattern, Seen, seen
from grader.grading.diagnose.transforms import TRANSFORMS

HALF_PRECISION = 2.0**13
"""By how much float16 rounds more coarsely than float32."""
NEAR = 2.0**-8
"""The most, relative to the largest entry, that a few roundings in float16 are off."""


def find(
    diagnosis: DiagnosisCache,
    check: Check,
    observations: Sequence[Observation],
    examples: Sequence[Observation],
    call: Rerun,
) -> Pattern | None:
    """What can be said about a failed check without knowing the exercise's own mistakes.

    examples: the public ones that were run, for which it has to hold as well; call: runs the submission on another.
    """
    exercise = diagnosis.suite.exercise
    own = (*counting(observations, check.variant), *examples)
    if pattern := _in_values(diagnosis, check, own):
        return pattern
    failed = [o for o in examples if o.judgements[check.output].kind == "values"]
    at_kinks = [o for o in observations if o.case.variant == check.variant and not o.case.counts]
    hint = claims.find(exercise, check, [*own, *at_kinks], call) or probing.find(exercise, check.output, failed, call)
    return Pattern(None, hint) if hint else None


def ambiguous(diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]) -> Sequence[Pattern] | None:
    """What several mistakes do that no call of the student's code can tell apart."""
    own = counting(observations, check.variant)
    shown = [each for observation in own if (each := seen(check.output, observation)) is not None]
    pattern = relations.negated_input(diagnosis, check.output, shown) if shown and len(shown) == len(own) else None
    return [pattern] if pattern else None


def exchanged(
    diagnosis: DiagnosisCache, check: Check, observations: Sequence[Observation]
) -> tuple[Pattern, ...] | None:
    """Two results that hold each other's right answers in every case; None where there are no such two."""
    own = counting(observations, check.variant)
    for other in diagnosis.suite.exercise.asks:
        if other != check.output and own and _holds(own, check.output, other) and _holds(own, other, check.output):
            hint = feedback.PATTERNS["results-swapped"].format(output=check.output, other=other)
            return (Pattern("results-swapped", hint),)
    return None


def on_top_of(output: str, own: Sequence[Observation], predicted: Sequence[Mapping[str, Tensor]]) -> Pattern | None:
    """A relation between an output and what a mistake predicts for it, case by case: the second of two mistakes."""
    shown: list[Seen] = []
    for observation, by_name in zip(own, predicted, strict=True):
        each = seen(output, observation)
        if each is None or not by_name[output].is_floating_point():
            return None
        shown.append(replace(each, expected=by_name[output]))
        if not _may_be_related(shown[-1], by_name):
            return None
    return _rearranged(output, shown) or _unsummed(output, shown) or _swapped(output, shown, predicted)


def _may_be_related(each: Seen, by_name: Mapping[str, Tensor]) -> bool:
    """Whether some relation that is known gives this shape."""
    same_size = each.actual.numel() == each.expected.numel()
    unsummed = each.actual.shape[1:] == each.expected.shape
    return same_size or unsummed or any(each.actual.shape == value.shape for value in by_name.values())


def _in_values(diagnosis: DiagnosisCache, check: Check, own: Sequence[Observation]) -> Pattern | None:
    """A relation between wrong and right values that holds in every case."""
    shown = [each for observation in own if (each := seen(check.output, observation)) is not None]
    # Zeros are a placeholder, and are called that already: no multiple or part of the right answer.
    if not any(bool(each.actual.any()) for each in shown):
        return None
    if all(o.judgements[check.output].verdict == "passed" for o in own):
        return None  # what is right in all of these cases has no relation to explain
    if len(shown) < len(own) or any(each.expected.dtype == torch.bool for each in shown):
        return None
    right = [{name: expected.value for name, expected in o.case.expected.items()} for o in own]
    output, exercise = check.output, diagnosis.suite.exercise
    pattern = (
        _rearranged(output, shown)
        or _shifted(exercise, output, shown)
        or _swapped(output, shown, right)
        or _multiple(output, shown)
        or _unsummed(output, shown)
        or relations.times_another(exercise, output, shown)
        or relations.step_on_the_way(diagnosis, output, shown)
        or relations.made_of_another(diagnosis, output, shown)
        or _part_of_an_axis(diagnosis, output, shown)
        or relations.input_not_read(diagnosis, output, shown)
        or relations.not_finite(output, shown)
        or _imprecise(exercise, output, shown)
        or _masked(output, shown)
    )
    return _reworded(exercise, output, own, pattern) if pattern else None


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


def _rearranged(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The entries in other places, with other signs, or with an axis too many."""
    for slug, transform in TRANSFORMS.items():
        if all((value := transform(each.expected)) is not None and each.is_like(value) for each in shown):
            return Pattern(slug, feedback.PATTERNS[slug].format(output=output))
    return None


def _shifted(exercise: Exercise, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Each row holds what belongs to the one before; the first row is an input, or zero."""
    if all(each.actual.shape == each.expected.shape and each.actual.ndim > 1 for each in shown) and all(
        any(each.is_like(value) for value in _one_late(exercise, each)) for each in shown
    ):
        return Pattern("one-step-late", feedback.PATTERNS["one-step-late"].format(output=output))
    return None


def _one_late(exercise: Exercise, each: Seen) -> Iterator[Tensor]:
    rows = each.expected.shape[1:]
    inputs = [each.case.inputs[name] for name in exercise.received]
    starts = [value.double() for value in inputs if isinstance(value, Tensor) and value.shape == rows]
    for start in (torch.zeros(rows, dtype=torch.float64), *starts):
        yield torch.cat([start[None], each.expected[:-1]])


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
    if (constant := sizes.same(values)) is not None:
        whole = constant in (0.0, 1.0)  # once the right answer, to a few digits, says nothing about a factor
        return None if whole else Pattern("constant-factor", feedback.constant_factor(output, constant))
    axes = sizes.positive([each.sizes for _, each in known])
    for axis in axes:
        size = torch.tensor([each.sizes[axis] for _, each in known], dtype=torch.float64)
        for power in sizes.POWERS:
            if (constant := sizes.same(values / size**power)) is not None:
                slug = "mean-instead-of-sum" if power == -1.0 and constant == 1.0 else "factor-of-a-size"
                return Pattern(slug, feedback.factor_of_a_size(output, axis, power, constant))
    for right, wrong in itertools.permutations(axes, 2):
        ratio = torch.tensor([each.sizes[right] / each.sizes[wrong] for _, each in known], dtype=torch.float64)
        if sizes.same(values / ratio) == 1.0:
            return Pattern("another-size", feedback.another_size(output, right, wrong))
        if sizes.same(values / ratio**0.5) == 1.0:
            return Pattern("another-size", feedback.another_size(output, f"the root of {right}", f"that of {wrong}"))
    return None


def _factor(each: Seen) -> float | None:
    """By which number the right answer is multiplied; NaN where it is 0 everywhere, None where there is none."""
    if each.actual.shape != each.expected.shape:
        return None
    if not bool(each.expected.any()):
        return float("nan") if not bool(each.actual.any()) else None
    factor = float((each.actual.double() * each.expected).sum() / (each.expected**2).sum())
    return factor if each.is_like(factor * each.expected) else None


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


def _part_of_an_axis(diagnosis: DiagnosisCache, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The right answer, had the batch (or another axis) only held a part of its entries."""
    for axis in shown[0].sizes:
        for name, part in PARTS.items():
            if all(each.actual.shape == each.expected.shape for each in shown) and all(
                _is_part(diagnosis, output, each, axis, part, name) for each in shown
            ):
                return Pattern(f"{name}-counts", feedback.part_of_an_axis(output, axis, name))
    return None


def _is_part(diagnosis: DiagnosisCache, output: str, each: Seen, axis: str, part: slice, name: str) -> bool:
    if each.sizes[axis] == 1 and name.startswith("all-but"):
        return not bool(each.actual.any())
    value = diagnosis.with_part(each.case, axis, part, name).get(output)
    return value is not None and each.is_like(value)


def _imprecise(exercise: Exercise, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Right to two or three digits everywhere: half precision, or a difference quotient.

    An input that is changed a little is not all that near: what counts is the change.
    """
    inputs = [[each.case.inputs[name] for name in exercise.received] for each in shown]
    if all(
        each.actual.shape == each.expected.shape and _is_near(each, own)
        for each, own in zip(shown, inputs, strict=True)
    ):
        return Pattern("half-precision", feedback.PATTERNS["half-precision"].format(output=output))
    return None


def _is_near(each: Seen, inputs: Sequence[Tensor | float | int]) -> bool:
    """Within the tolerance that the case would have, were everything computed in float16, and close at all."""
    difference = (each.actual.double() - each.expected).abs()
    alike = [value for value in inputs if isinstance(value, Tensor) and value.shape == each.expected.shape]
    largest = torch.stack([(each.expected - start).abs().max() for start in (torch.zeros(()), *alike)]).min()
    close = difference <= NEAR * largest
    return bool((close & (difference <= HALF_PRECISION * each.right.tolerance)).all())


def _masked(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Only entries that should be 0 are wrong, or only entries that are 0 and should not be."""
    if any(each.actual.shape != each.expected.shape for each in shown):
        return None
    if any(not bool(each.actual.isfinite().all()) for each in shown):
        return None
    wrong = [(each.actual.double() - each.expected).abs() > each.right.tolerance for each in shown]
    if not any(bool(bad.any()) for bad in wrong):
        return None
    if all(bool((each.expected[bad] == 0).all()) for each, bad in zip(shown, wrong, strict=True)):
        return Pattern(None, feedback.PATTERNS["zeros-missing"].format(output=output))
    if all(bool((each.actual[bad] == 0).all()) for each, bad in zip(shown, wrong, strict=True)):
        return Pattern(None, feedback.PATTERNS["zeros-too-many"].format(output=output))
    return None
