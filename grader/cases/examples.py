"""Small public cases that a student can check by hand, smallest first; they owe nothing to any secret."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from grader.cases.oracle import Expected, Outputs, observe
from grader.cases.suite import Case, Prepared, Value
from grader.exercise import Constant, Exercise, Integers, Parameter, Size, Uniform, size_of

MOST_NUMBERS = 12
LARGEST_SIZE = 3
ATTEMPTS = 16
VISIBLE = 2.0**-13
"""The smallest difference that is worth showing, relative to the largest entry."""


@dataclass(frozen=True)
class Style:
    """What the entries look like.

    entries: what a float entry may be, in units of its scale.
    saturation: the largest magnitude that may enter a sigmoid; beyond 4 the results are hard to read.
    most: how many cases are drawn.
    """

    entries: tuple[float, ...]
    saturation: float
    most: int


WHOLE = Style((-2.0, -1.0, 1.0, 2.0), saturation=4.0, most=28)
TENTHS = Style(tuple(n / 10 for n in range(-25, 26) if n % 10), saturation=8.0, most=11)
"""For what whole numbers do not show: lost digits, large scores."""


def enumerate_cases(exercise: Exercise, variant: str) -> Iterator[Prepared]:
    """Cases of at most MOST_NUMBERS input numbers, by how many these are; at the end less simple ones."""
    shown: list[Prepared] = []
    for prepared in islice(_in_style(exercise, variant, WHOLE), WHOLE.most):
        shown.append(prepared)
        yield prepared
    if shown:
        yield _strided(max(shown, key=_matrices))
    yield from islice(_in_style(exercise, variant, TENTHS), TENTHS.most)


def _in_style(exercise: Exercise, variant: str, style: Style) -> Iterator[Prepared]:
    """All sizes, the fewest numbers first, and then once more."""
    sizes = sorted(_sizes(exercise, variant), key=lambda each: (_numel(exercise, variant, each), sorted(each.values())))
    for seed, chosen in enumerate([*sizes, *sizes]):
        found = _of_size(exercise, variant, chosen, style, seed)
        if found is not None:
            yield found


def _matrices(prepared: Prepared) -> int:
    """How many inputs are matrices with more than one row and column, so that their memory layout matters."""
    values = prepared.case.inputs.values()
    return sum(isinstance(value, Tensor) and value.squeeze().ndim > 1 for value in values)


def _sizes(exercise: Exercise, variant: str) -> Iterator[dict[str, int]]:
    """Every combination of small sizes whose inputs are few enough numbers."""
    axes = exercise.axis_names(variant)
    spans = [range(exercise.sizes[axis][0], min(exercise.sizes[axis][1], LARGEST_SIZE) + 1) for axis in axes]
    for chosen in itertools.product(*spans):
        sizes = dict(zip(axes, chosen, strict=True))
        if _numel(exercise, variant, sizes) <= MOST_NUMBERS:
            yield sizes


def _numel(exercise: Exercise, variant: str, sizes: Mapping[str, int]) -> int:
    return sum(math.prod(parameter.shape(sizes)) for parameter in exercise.parameters(variant))


def _of_size(exercise: Exercise, variant: str, sizes: Mapping[str, int], style: Style, seed: int) -> Prepared | None:
    """One case of a size: one with every feature, or else one that is usable at all."""
    rng = np.random.default_rng(seed)
    name = f"{variant}/example-{len(style.entries)}-{seed}".lstrip("/")
    fallback: Prepared | None = None
    for _ in range(ATTEMPTS):
        inputs = {parameter.name: _value(parameter, sizes, style, rng) for parameter in exercise.parameters(variant)}
        outputs, observed = observe(exercise, inputs)
        if observed.kinks or observed.saturation > style.saturation or not _lively(outputs):
            continue
        expected = {output: Expected(value, _invisible(value)) for output, value in outputs.items()}
        case = Case(name, variant, "example", inputs)
        prepared = Prepared(case, expected, exercise.framework, exercise.received)
        if not observed.one_sided:
            return prepared
        fallback = fallback or prepared
    return fallback


def _invisible(value: Tensor) -> Tensor:
    """What may be off without being seen: an example is there to be compared by eye."""
    if value.dtype == torch.bool:
        return torch.zeros_like(value, dtype=torch.float64)
    return torch.full_like(value, VISIBLE * float(value.abs().max()))


def _lively(outputs: Outputs) -> bool:
    """Every output is finite and says something: not zero everywhere."""
    return all(
        value.dtype == torch.bool or bool(torch.isfinite(value).all() and (value != 0).any())
        for value in outputs.values()
    )


def _value(parameter: Parameter, sizes: Mapping[str, int], style: Style, rng: np.random.Generator) -> Value:
    """The style's entries times the scale, quarters of an interval, or small whole numbers."""
    shape = parameter.shape(sizes)
    distribution = parameter.distribution
    if isinstance(distribution, Size):
        return size_of(distribution.axis, sizes)
    if isinstance(distribution, Constant):
        return distribution.value
    if isinstance(distribution, Integers):
        high = sizes[distribution.high] - 1 if isinstance(distribution.high, str) else distribution.high
        whole = rng.integers(distribution.low, min(high, distribution.low + 4) + 1, size=shape)
        if parameter.kind == "int":
            return int(whole)
        dtype = {"bool_tensor": torch.bool, "int_tensor": torch.int64}.get(parameter.kind, torch.float32)
        return torch.as_tensor(np.asarray(whole)).to(dtype)
    if isinstance(distribution, Uniform):
        width = distribution.high - distribution.low
        entries = np.round(distribution.low + width * rng.choice([0.25, 0.5, 0.75], size=shape), 2)
    else:
        entries = np.asarray(rng.choice(style.entries, size=shape) * distribution.scale)
    if parameter.kind == "float":
        return float(entries)
    return torch.as_tensor(entries.astype(np.float32)).reshape(shape)


def _strided(prepared: Prepared) -> Prepared:
    """The same numbers, stored column by column (or with gaps): what a slice or a transpose hands over."""
    inputs = {
        name: _restored(value) if isinstance(value, Tensor) else value for name, value in prepared.case.inputs.items()
    }
    case = Case(f"{prepared.case.name}-strided", prepared.case.variant, "example", inputs)
    return replace(prepared, case=case)


def _restored(value: Tensor) -> Tensor:
    if value.ndim == 1:
        return torch.stack([value, -value], dim=1)[:, 0]
    return value.transpose(-1, -2).contiguous().transpose(-1, -2) if value.ndim > 1 else value
