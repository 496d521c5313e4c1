"""Small public cases that a student can check by hand, smallest first; they owe nothing to any secret."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from grader.cases import Case, Prepared, Value
from grader.exercise import Exercise, Integers, Parameter, Uniform
from grader.oracle import Outputs, expect, observe

MOST_NUMBERS = 12
LARGEST_SIZE = 4
PER_SIZE = 2
ATTEMPTS = 24
SATURATION = 4.0
"""The largest magnitude that may enter a sigmoid: beyond it the numbers stop being readable."""


def enumerate_cases(exercise: Exercise, variant: str) -> Iterator[Prepared]:
    """Cases of at most MOST_NUMBERS input numbers, by how many these are; then the same in other memory layouts."""
    sizes = sorted(_sizes(exercise, variant), key=lambda each: (_numel(exercise, variant, each), sorted(each.values())))
    largest: Prepared | None = None
    for index, chosen in enumerate(sizes):
        for prepared in _of_size(exercise, variant, chosen, index):
            largest = prepared
            yield prepared
    if largest is not None:
        yield _strided(largest)


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


def _of_size(exercise: Exercise, variant: str, sizes: Mapping[str, int], seed: int) -> Iterator[Prepared]:
    """Up to PER_SIZE cases of one size: those with every feature, or else one that is usable at all."""
    rng = np.random.default_rng(seed)
    fallback: dict[str, Value] | None = None
    found = 0
    for _ in range(ATTEMPTS):
        inputs = {parameter.name: _value(parameter, sizes, rng) for parameter in exercise.parameters(variant)}
        outputs, observed = observe(exercise, inputs)
        if observed.kinks or observed.saturation > SATURATION or not _lively(outputs):
            continue
        fallback = fallback or inputs
        if observed.one_sided:
            continue
        if (prepared := _prepared(exercise, variant, f"example-{seed}-{found}", inputs)) is not None:
            yield prepared
            found += 1
        if found == PER_SIZE:
            return
    if found == 0 and fallback is not None:
        prepared = _prepared(exercise, variant, f"example-{seed}-0", fallback)
        if prepared is not None:
            yield prepared


def _prepared(exercise: Exercise, variant: str, name: str, inputs: dict[str, Value]) -> Prepared | None:
    expected = expect(exercise, inputs)
    case = Case(f"{variant}/{name}".lstrip("/"), variant, "example", inputs)
    return None if expected is None else Prepared(case, expected)


def _lively(outputs: Outputs) -> bool:
    """Every output is finite and says something: not zero everywhere."""
    return all(
        value.dtype == torch.bool or bool(torch.isfinite(value).all() and (value != 0).any())
        for value in outputs.values()
    )


def _value(parameter: Parameter, sizes: Mapping[str, int], rng: np.random.Generator) -> Value:
    """Entries of -2, -1, 1 and 2 times the scale, quarters of an interval, or small whole numbers."""
    shape = parameter.shape(sizes)
    distribution = parameter.distribution
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
        entries = np.asarray(rng.choice([-2, -1, 1, 2], size=shape) * distribution.scale)
    if parameter.kind == "float":
        return float(entries)
    return torch.as_tensor(entries.astype(np.float32)).reshape(shape)


def _strided(prepared: Prepared) -> Prepared:
    """The same numbers, stored column by column (or with gaps): what a slice or a transpose hands over."""
    inputs = {
        name: _restored(value) if isinstance(value, Tensor) else value for name, value in prepared.case.inputs.items()
    }
    case = Case(f"{prepared.case.name}-strided", prepared.case.variant, "example", inputs)
    return Prepared(case, prepared.expected)


def _restored(value: Tensor) -> Tensor:
    if value.ndim == 1:
        return torch.stack([value, -value], dim=1)[:, 0]
    return value.transpose(-1, -2).contiguous().transpose(-1, -2) if value.ndim > 1 else value
