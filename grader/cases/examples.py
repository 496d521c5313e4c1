"""Small public cases that a student can check by hand, smallest first; they depend on no secret."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.drawing import Entries, restrided, with_given
from grader.cases.features import is_informative
from grader.cases.oracle import Expected, evaluate, observe
from grader.exercise import Exercise, Uniform

MAX_NUMBERS = 12
MOST_NUMBERS = 80
"""For an axis that is longer than 1 in no smaller example."""
WIDER_SEED, TRIES = 100, 4
"""From which seed on, which no other example has, and how many are tried."""
MAX_SIZE = 3
ATTEMPTS = 16
VISIBLE = 2.0**-13
"""The smallest difference that is worth showing, relative to the largest entry."""


@dataclass(frozen=True)
class Style:
    """What the entries look like.

    saturation: the largest magnitude that may enter a sigmoid; beyond 4 the results are hard to read.
    max_cases: how many cases are drawn.
    """

    name: str
    entries: Entries
    saturation: float
    max_cases: int


def _from(choices: tuple[float, ...]) -> Entries:
    """These numbers times the scale, quarters of an interval, or five whole numbers."""
    return Entries(lambda normal, shape, rng: np.asarray(rng.choice(choices, size=shape) * normal.scale), _quarters, 5)


def _quarters(distribution: Uniform, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    width = distribution.high - distribution.low
    return np.round(distribution.low + width * rng.choice([0.25, 0.5, 0.75], size=shape), 2)


WHOLE = Style("whole", _from((-2.0, -1.0, 1.0, 2.0)), saturation=4.0, max_cases=28)
TENTHS = Style("tenths", _from(tuple(n / 10 for n in range(-25, 26) if n % 10)), saturation=8.0, max_cases=11)
"""For what whole numbers do not show: lost digits, large scores."""


def enumerate_cases(exercise: Exercise, variant: str) -> Iterator[Case]:
    """Cases of at most MAX_NUMBERS input numbers, by how many these are; at the end less simple ones."""
    shown: list[Case] = []
    for case in islice(_in_style(exercise, variant, WHOLE), WHOLE.max_cases):
        shown.append(case)
        yield case
    if shown:
        widest = max(shown, key=_matrices)
        inputs = {name: restrided(value) for name, value in widest.inputs.items()}
        yield replace(widest, name=f"{widest.name}-strided", inputs=inputs)
    yield from _wider(exercise, variant)
    yield from islice(_in_style(exercise, variant, TENTHS), TENTHS.max_cases)


def smallest_and_larger(exercise: Exercise, variant: str) -> tuple[Case, ...]:
    """The first and the last of them in plain memory order, without those between; one where there is only one."""
    whole = islice(_in_style(exercise, variant, WHOLE), WHOLE.max_cases)
    first = tuple(islice(whole, 1))
    others = tuple(islice(_in_style(exercise, variant, TENTHS), TENTHS.max_cases)) or tuple(whole)
    return (*first, *others[-1:]) if first else (*others[:1], *others[1:][-1:])


def _in_style(exercise: Exercise, variant: str, style: Style) -> Iterator[Case]:
    """All sizes, the fewest numbers first, and then once more."""
    sizes = sorted(_sizes(exercise, variant), key=lambda each: (_numel(exercise, variant, each), sorted(each.values())))
    for seed, chosen in enumerate([*sizes, *sizes]):
        found = _of_size(exercise, variant, chosen, style, seed)
        if found is not None:
            yield found


def _matrices(case: Case) -> int:
    """How many inputs are matrices with more than one row and column, so that their memory layout matters."""
    return sum(isinstance(value, Tensor) and value.squeeze().ndim > 1 for value in case.inputs.values())


def _sizes(exercise: Exercise, variant: str) -> Iterator[dict[str, int]]:
    """Every combination of small sizes whose inputs are few enough numbers, or the smallest there are."""
    numbers = [(_numel(exercise, variant, sizes), sizes) for sizes in _all_sizes(exercise, variant)]
    limit = max(MAX_NUMBERS, min((count for count, _ in numbers), default=0))
    yield from (sizes for count, sizes in numbers if count <= limit)


def _all_sizes(exercise: Exercise, variant: str) -> Iterator[dict[str, int]]:
    axes = exercise.axis_names(variant)
    spans = [range(exercise.sizes[axis][0], min(exercise.sizes[axis][1], MAX_SIZE) + 1) for axis in axes]
    chosen = (dict(zip(axes, each, strict=True)) for each in itertools.product(*spans))
    yield from (sizes for sizes in chosen if exercise.allows(sizes, variant))


def _wider(exercise: Exercise, variant: str) -> Iterator[Case]:
    """For each axis that has length 1 wherever the numbers are few: a case of the smallest sizes where it is longer."""
    few = list(_sizes(exercise, variant))
    for axis in exercise.axis_names(variant):
        if any(sizes[axis] > 1 for sizes in few):
            continue
        longer = (sizes for sizes in _all_sizes(exercise, variant) if sizes[axis] > 1)
        chosen = min(longer, key=lambda sizes: _numel(exercise, variant, sizes), default=None)
        if chosen is not None and _numel(exercise, variant, chosen) <= MOST_NUMBERS:
            seeds = range(WIDER_SEED, WIDER_SEED + TRIES)
            drawn = (_of_size(exercise, variant, chosen, WHOLE, seed) for seed in seeds)
            yield from islice((replace(case, name=f"{case.name}-{axis}") for case in drawn if case), 1)


def _numel(exercise: Exercise, variant: str, sizes: Mapping[str, int]) -> int:
    return sum(math.prod(parameter.shape(sizes)) for parameter in exercise.parameters(variant))


def _of_size(exercise: Exercise, variant: str, sizes: Mapping[str, int], style: Style, seed: int) -> Case | None:
    """One case of a size: one with every feature, or else one that is usable at all."""
    rng = np.random.default_rng(seed)
    name = f"{variant}/example-{style.name}-{seed}".lstrip("/")
    fallback: Case | None = None
    for _ in range(ATTEMPTS):
        drawn = {each.name: style.entries.draw(each, sizes, rng) for each in exercise.parameters(variant)}
        inputs = with_given(exercise, drawn)
        outputs, observed = observe(exercise, inputs)
        numbers = [value for value in outputs.values() if value.dtype != torch.bool]
        if observed.kinks or observed.saturation > style.saturation or not all(map(is_informative, numbers)):
            continue
        expected = {output: Expected(value, invisible(value)) for output, value in outputs.items()}
        case = Case(
            name,
            variant,
            "example",
            sizes,
            inputs,
            expected,
            framework=exercise.framework,
            received=exercise.received,
        )
        if not observed.one_sided:
            return case
        fallback = fallback or case
    return fallback


def with_input(exercise: Exercise, case: Case, name: str, value: Tensor, change: str) -> Case:
    """An example with another value of one input; raises ExerciseError where the forward pass does not take it.

    change: a word for the difference, which tells the cases apart.
    """
    drawn = {each.name: case.inputs[each.name] for each in exercise.parameters(case.variant)}
    inputs = with_given(exercise, {**drawn, name: value})
    expected = {output: Expected(right, invisible(right)) for output, right in evaluate(exercise, inputs).items()}
    return replace(case, name=f"{case.name}-{change}-{name}", inputs=inputs, expected=expected)


def invisible(value: Tensor) -> Tensor:
    """What may be off without being seen: an example is there to be compared by eye."""
    if value.dtype == torch.bool:
        return torch.zeros_like(value, dtype=torch.float64)
    return torch.full_like(value, VISIBLE * float(value.abs().max()))
