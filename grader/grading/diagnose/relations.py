"""What came is right for something else: a step on the way, another input, or the right answer times an input."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.exercise import Exercise, Gradient, Value
from grader.grading import feedback
from grader.grading.diagnose.cache import DiagnosisCache
from grader.grading.diagnose.seen import Pattern, Seen
from grader.rules import Step, Use

TAKEN_AS = (0.0, 1.0)
"""Numbers that somebody uses who does not read an input."""


def negated_input(diagnosis: DiagnosisCache, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Right for the input of another call, its negative: a wrong sign or mask does that, and so does a shared cache."""
    usage = diagnosis.suite.exercise.usage
    if usage is None:
        return None
    for name in usage.parameters:
        if re.search(rf"[(, ]-{name}\b", usage.text) and all(
            _is_right_with(diagnosis, output, each, name, -1.0) for each in shown
        ):
            return Pattern("of-the-negated-input", feedback.of_the_negated_input(output, name))
    return None


def input_not_read(diagnosis: DiagnosisCache, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """What comes out when a number that is an input is 0, or 1."""
    exercise = diagnosis.suite.exercise
    for name in exercise.received:
        if all(_is_number(each.case.inputs[name]) for each in shown):
            for number in TAKEN_AS:
                if all(_is_right_with(diagnosis, output, each, name, number) for each in shown):
                    return Pattern("input-not-read", feedback.input_not_read(output, name, number))
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, (float, int)) or (isinstance(value, Tensor) and value.ndim == 0)


def _is_right_with(diagnosis: DiagnosisCache, output: str, each: Seen, name: str, factor: float) -> bool:
    """Whether the result is right for another value of an input: its negative, or a number in its place."""
    value = each.case.inputs[name]
    if factor < 0:
        other = -value
    else:
        other = torch.full_like(value, factor) if isinstance(value, Tensor) else type(value)(factor)
    found = diagnosis.with_input(each.case, name, other, f"{factor:g}").get(output)
    return found is not None and each.is_like(found)


def times_another(exercise: Exercise, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The right answer times, or divided by, an input or another result."""
    first, *rest = sorted(shown, key=lambda each: each.actual.numel())
    for name, _ in _quantities(exercise, output, first.case):
        for power in (1, -1):
            for axis in (False, True):
                if all(_is_times(exercise, output, each, name, power, axis) for each in (first, *rest)):
                    return Pattern(
                        "times-another" if power > 0 else "divided-by-another",
                        feedback.times_another(output, name, power),
                    )
    return None


def _is_times(exercise: Exercise, output: str, each: Seen, name: str, power: int, in_front: bool) -> bool:
    value = dict(_quantities(exercise, output, each.case)).get(name)
    if value is None or each.actual.shape != each.expected.shape:
        return False
    if in_front:
        value = value.reshape((*value.shape, *[1] * (each.expected.ndim - value.ndim)))
    try:
        found = each.expected * value**power
    except RuntimeError:  # the shapes do not go together
        return False
    return each.is_like(found)


def _quantities(exercise: Exercise, output: str, case: Case) -> Iterator[tuple[str, Tensor]]:
    """Inputs and other right answers that are real numbers."""
    for name in exercise.received:
        value = case.inputs[name]
        if isinstance(value, float) or (isinstance(value, Tensor) and value.is_floating_point()):
            yield name, torch.as_tensor(value, dtype=torch.float64)
    for name, expected in case.expected.items():
        if name != output and expected.value.is_floating_point():
            yield name, expected.value


def step_on_the_way(diagnosis: DiagnosisCache, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """The value of a step of the forward pass, or the gradient that arrives at one, in place of the result."""
    ask = diagnosis.suite.exercise.asks[output]
    if not isinstance(ask, (Value, Gradient)):
        return None
    first, *rest = sorted(shown, key=lambda each: each.actual.numel())
    for key, step in diagnosis.steps(first.case).items():
        if (
            step.gradient == isinstance(ask, Gradient)
            and first.is_like(step.value)
            and not any(first.is_like(value) for _, value in _quantities(diagnosis.suite.exercise, output, first.case))
            and all(_is_step(diagnosis.steps(each.case), key, each) for each in rest)
        ):
            said = feedback.gradient_of_a_step if step.gradient else feedback.value_of_a_step
            slug = "gradient-of-a-step" if step.gradient else "value-of-a-step"
            return Pattern(slug, said(output, step.line))
    return None


def made_of_another(diagnosis: DiagnosisCache, output: str, shown: Sequence[Seen]) -> Pattern | None:
    """A gradient by an input that is multiplied with something, made of another quantity of the same shape."""
    ask = diagnosis.suite.exercise.asks[output]
    if not isinstance(ask, Gradient):
        return None
    first, *rest = sorted(shown, key=lambda each: each.actual.numel())
    for key, use in diagnosis.uses(first.case).items():
        for other in _others(diagnosis, first.case, use) if use.name == ask.wrt else ():
            if all(_is_made_of(diagnosis, each, key, other) for each in (first, *rest)):
                gradient = other[0] == "gradient"
                slug = "made-of-another-gradient" if gradient else "made-of-another"
                return Pattern(slug, feedback.made_of_another(output, use.line, gradient=gradient))
    return None


Other = tuple[str, int, object]
"""What is replaced ("operand", and which, or "gradient"), and what stands in its place: an input, or a step."""


def _others(diagnosis: DiagnosisCache, case: Case, use: Use) -> Iterator[Other]:
    steps = diagnosis.steps(case)
    for position, operand in enumerate(use.operation.operands):
        if position != use.position:
            yield from (("operand", position, key) for key in _like(steps, case, operand, gradient=False))
    yield from (("gradient", 0, key) for key in _like(steps, case, use.operation.g, gradient=True))


def _like(steps: Mapping[object, Step], case: Case, wanted: Tensor, gradient: bool) -> Iterator[object]:
    """Inputs and steps of the same shape and other values."""
    for name, value in case.inputs.items():
        if isinstance(value, Tensor) and value.is_floating_point() and value.shape == wanted.shape:
            yield name
    for key, step in steps.items():
        if step.gradient == gradient and step.value.shape == wanted.shape and not torch.equal(step.value, wanted):
            yield key


def _is_made_of(diagnosis: DiagnosisCache, each: Seen, key: object, other: Other) -> bool:
    use = diagnosis.uses(each.case).get(key)
    if use is None:
        return False
    kind, position, source = other
    steps, operation = diagnosis.steps(each.case), use.operation
    if isinstance(source, str):
        value = torch.as_tensor(each.case.inputs[source], dtype=torch.float64)
    elif source in steps:
        value = steps[source].value
    else:
        return False
    operands = list(operation.operands)
    if kind == "operand":
        operands[position] = value
    try:
        found = operation.right(*operands, g=value if kind == "gradient" else None)[use.position]
    except RuntimeError:  # the shapes do not go together
        return False
    return found is not None and each.is_like(found)


def _is_step(steps: Mapping[object, Step], key: object, each: Seen) -> bool:
    return key in steps and each.is_like(steps[key].value)


def not_finite(output: str, shown: Sequence[Seen]) -> Pattern | None:
    """Right wherever it is a number; elsewhere something overflows, or is divided by 0."""
    right = False
    for each in shown:
        if each.actual.shape != each.expected.shape or not bool(each.expected.isfinite().all()):
            return None
        finite = each.actual.isfinite()
        difference = (each.actual.double() - each.expected).abs()[finite]
        if not bool((difference <= each.slack * each.expected.abs().max()).all()):
            return None
        right = right or bool((finite & (each.expected != 0)).any())
    if not right or all(bool(each.actual.isfinite().all()) for each in shown):
        return None
    return Pattern("not-finite", feedback.only_wrong_where_not_finite(output))
