"""What the cases of an exercise reach and what they cannot: the size of each output, zeros in each input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from grader.cases.misreadings import axes_with_room
from grader.cases.scales import LARGE_OUTPUT
from grader.cases.suite import Suite
from grader.exercise import Exercise, Normal, Uniform


def largest(exercise: Exercise, suites: Sequence[Suite]) -> dict[str, float]:
    """The magnitude that each numeric output reaches under every secret, by variant and output."""
    found: dict[str, float] = {}
    for variant in exercise.variant_names:
        for output in exercise.asks:
            sizes = [
                max(float(case.expected[output].value.abs().max()) for case in suite.cases if case.variant == variant)
                for suite in suites
                if suite.cases[0].expected[output].value.dtype != torch.bool
            ]
            if sizes:
                found[f"{variant}/{output}".lstrip("/")] = float(f"{min(sizes):.3g}")
    return found


def exceptions(exercise: Exercise, suites: Sequence[Suite], reached: dict[str, float]) -> tuple[str, ...]:
    """Sentences about large outputs and zeros of inputs that no case shows, with the reason."""
    return (*_not_large(reached), *_without_zeros(exercise, suites), *_without_repetition(exercise))


def _without_repetition(exercise: Exercise) -> Iterator[str]:
    first = {each.axes[0] for variant in exercise.variant_names for each in exercise.parameters(variant) if each.axes}
    short = [axis for axis in exercise.sizes if axis in first - axes_with_room(exercise)]
    if short:
        yield f"equal rows along {', '.join(short)} are not shown under every secret: sizes up to 8 would leave room"


def _not_large(reached: dict[str, float]) -> Iterator[str]:
    for output, size in reached.items():
        if size < LARGE_OUTPUT:
            yield f"{output} stays below {size:g}: larger inputs saturate the forward pass, or its own nature bounds it"


def _without_zeros(exercise: Exercise, suites: Sequence[Suite]) -> Iterator[str]:
    for variant in exercise.variant_names:
        for parameter in exercise.parameters(variant):
            if parameter.kind not in ("float", "float_tensor"):
                continue
            wanted = _targets(parameter.distribution)
            for target in wanted:
                if not all(_contains(suite, variant, parameter.name, target) for suite in suites):
                    where = f"{variant}/{parameter.name}".lstrip("/")
                    yield f"{where} is never exactly {target:g} in a case that counts: no such inputs are usable"
            if not wanted:
                yield f"{parameter.name} is never 0: its distribution has no 0"


def _targets(distribution: object) -> tuple[float, ...]:
    if isinstance(distribution, Normal):
        return (0.0,)
    return (distribution.low, distribution.high) if isinstance(distribution, Uniform) else ()


def _contains(suite: Suite, variant: str, name: str, target: float) -> bool:
    rounded = torch.tensor(target, dtype=torch.float32)
    values: list[Tensor] = [
        torch.as_tensor(case.inputs[name], dtype=torch.float32)
        for case in suite.cases
        if case.counts and case.variant == variant
    ]
    return any(bool((value == rounded).any()) for value in values)
