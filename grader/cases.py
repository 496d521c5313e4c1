"""Draws an exercise's cases: input tensors from HMAC(secret, exercise, case), each with the features that it must have.

A family says what a case is there to reveal. Candidates are drawn until one shows the family's features and
is neither dead (nothing to compare), saturated, nor so close to a kink that rounding could decide.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Union

import numpy as np
import torch
from torch import Tensor

from grader.exercise import Exercise, Integers, Normal, Parameter, Uniform
from grader.oracle import Expected, Outputs, expect, observe

Value = Union[Tensor, float, int]
ATTEMPTS = 64
SATURATION = 8.0
"""The largest magnitude that may enter a sigmoid, tanh or exp: beyond it nothing is left of a gradient in float32."""


@dataclass(frozen=True)
class Case:
    """One set of inputs.

    name: e.g. "batch/lattice-0"; inputs: in call order, float32 tensors or Python numbers;
    counts: False for a kink case that only gives advice.
    """

    name: str
    variant: str
    family: str
    inputs: Mapping[str, Value]
    counts: bool = True


@dataclass(frozen=True)
class Prepared:
    """A case with its right answers, by output."""

    case: Case
    expected: Mapping[str, Expected]


@dataclass(frozen=True)
class Suite:
    """An exercise with all its prepared cases under one secret, variant by variant."""

    exercise: Exercise
    cases: tuple[Prepared, ...]
    unavailable: tuple[str, ...] = ()
    """Names of cases that could not be drawn, for the author's eyes."""


@dataclass(frozen=True)
class Drawing:
    """How a family draws one candidate: sizes, then entries."""

    sizes: Mapping[str, int]
    lattice: bool
    zeros: bool = False
    strided: bool = False


Family = Callable[[np.random.Generator, Mapping[str, tuple[int, int]]], Drawing]


def prepare(exercise: Exercise, secret: bytes, student: str = "", without: frozenset[str] = frozenset()) -> Suite:
    """All cases of an exercise under a secret, with expected values and tolerances.

    student: draws cases of one student's own; without: families to leave out (the author's audit).
    """
    prepared: list[Prepared] = []
    unavailable: list[str] = []
    for variant in exercise.variant_names:
        for family, index, draw in _schedule(exercise, variant):
            if family in without:
                continue
            name = f"{variant}/{family}-{index}".lstrip("/")
            found = _find(exercise, variant, family, name, draw, _key(secret, exercise.slug, name, student))
            if found is None:
                unavailable.append(name)
            else:
                prepared.append(found)
    return Suite(exercise, tuple(prepared), tuple(unavailable))


def draw_inputs(parameters: tuple[Parameter, ...], drawing: Drawing, rng: np.random.Generator) -> dict[str, Value]:
    """Inputs by name, in call order, for the given sizes."""
    return {parameter.name: _value(parameter, drawing, rng) for parameter in parameters}


def _schedule(exercise: Exercise, variant: str) -> Iterator[tuple[str, int, Family]]:
    """Family, index within it, and how to draw it."""
    axes = exercise.axis_names(variant)
    for index in range(2):
        yield "lattice", index, lambda rng, ranges: Drawing(_distinct(rng, ranges, 2, 5), lattice=True)
        yield "scaled", index, lambda rng, ranges: Drawing(_distinct(rng, ranges, 2, 9), lattice=False)
    for index, axis in enumerate(axes):
        yield "degenerate", index, _degenerate(axis)
    if axes:
        yield "degenerate", len(axes), lambda rng, ranges: Drawing(dict.fromkeys(ranges, 1), lattice=True)
    if len(axes) > 1:
        for index in range(2):
            yield "square", index, lambda rng, ranges: Drawing(_square(rng, ranges), lattice=False)
        yield "strided", 0, lambda rng, ranges: Drawing(_distinct(rng, ranges, 2, 6), lattice=True, strided=True)
    yield "large", 0, lambda rng, ranges: Drawing(_largest(ranges), lattice=False)
    yield "kink", 0, lambda rng, ranges: Drawing(_distinct(rng, ranges, 2, 4), lattice=True, zeros=True)


def _degenerate(axis: str) -> Family:
    def draw(rng: np.random.Generator, ranges: Mapping[str, tuple[int, int]]) -> Drawing:
        return Drawing({**_distinct(rng, ranges, 2, 5), axis: 1}, lattice=True)

    return draw


def _distinct(rng: np.random.Generator, ranges: Mapping[str, tuple[int, int]], low: int, high: int) -> dict[str, int]:
    """Sizes that differ from each other as far as the ranges allow."""
    sizes: dict[str, int] = {}
    for axis in rng.permutation(list(ranges)).tolist():
        smallest, largest = ranges[axis]
        first = max(smallest, min(low, largest))
        span = range(first, max(first, min(largest, high + len(ranges) // 2)) + 1)
        free = [size for size in span if size not in sizes.values()]
        sizes[axis] = int(rng.choice(free or list(span)))
    return sizes


def _square(rng: np.random.Generator, ranges: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """One size for all axes, as far as the ranges allow."""
    size = int(rng.integers(2, 5))
    return {axis: min(max(size, low), high) for axis, (low, high) in ranges.items()}


def _largest(ranges: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """The largest sizes, a little apart from each other."""
    return {axis: max(low, high - index) for index, (axis, (low, high)) in enumerate(ranges.items())}


def _key(secret: bytes, slug: str, name: str, student: str) -> np.random.Generator:
    message = "\0".join((slug, name, student)).encode()
    digest = hmac.new(secret, message, "sha256").digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def _find(
    exercise: Exercise, variant: str, family: str, name: str, draw: Family, rng: np.random.Generator
) -> Prepared | None:
    """The first candidate with every feature, or else the first that is usable at all."""
    axes = exercise.axis_names(variant)
    ranges = {axis: exercise.sizes[axis] for axis in axes}
    parameters = exercise.parameters(variant)
    fallback: Prepared | None = None
    for attempt in range(ATTEMPTS):
        drawing = draw(rng, ranges)
        if any(size < ranges[axis][0] for axis, size in drawing.sizes.items()):
            return None
        inputs = draw_inputs(parameters, drawing, rng)
        inputs = _shrunk(inputs, parameters, 0.5 ** (attempt // 16))
        outputs, observed = observe(exercise, inputs)
        if family == "kink" and not observed.decides:
            return None
        if observed.kinks != (family == "kink") or observed.saturation > SATURATION or _dead(outputs):
            continue
        lively = not observed.one_sided and all(_lively(value) for value in outputs.values())
        if fallback is not None and not lively:
            continue
        expected = expect(exercise, inputs)
        if expected is None or not all(_decidable(answer) for answer in expected.values()):
            continue
        counts = family != "kink" or exercise.kink == "graded"
        candidate = Prepared(Case(name, variant, family, inputs, counts), expected)
        if lively:
            return candidate
        fallback = candidate
    return fallback


def _dead(outputs: Outputs) -> bool:
    """Nothing to compare: every output is zero or not finite."""
    values = [value for value in outputs.values() if value.dtype != torch.bool]
    if not all(bool(torch.isfinite(value).all()) for value in values):
        return True
    return bool(values) and not any(bool((value != 0).any()) for value in values)


def _lively(value: Tensor) -> bool:
    """The output can tell a wrong answer from a right one: not all zero, not constant where it is a decision."""
    if value.dtype == torch.bool:
        return value.numel() < 2 or bool(value.any() and not value.all())
    return bool((value != 0).any())


def _decidable(answer: Expected) -> bool:
    """Rounding is far below the signal."""
    if answer.value.dtype == torch.bool:
        return True
    signal = float(answer.value.abs().max()) if answer.value.numel() else 0.0
    return signal == 0.0 or float(answer.tolerance.max()) < 1e-3 * signal


def _value(parameter: Parameter, drawing: Drawing, rng: np.random.Generator) -> Value:
    shape = parameter.shape(drawing.sizes)
    distribution = parameter.distribution
    if isinstance(distribution, Integers):
        high = drawing.sizes[distribution.high] - 1 if isinstance(distribution.high, str) else distribution.high
        whole = rng.integers(distribution.low, high + 1, size=shape)
        if parameter.kind == "int":
            return int(whole)
        dtype = {"bool_tensor": torch.bool, "int_tensor": torch.int64}.get(parameter.kind, torch.float32)
        return torch.as_tensor(np.asarray(whole)).to(dtype)
    entries = _entries(distribution, shape, drawing, rng)
    if parameter.kind == "float":
        return float(entries.astype(np.float32))
    tensor = torch.as_tensor(entries.astype(np.float32)).reshape(shape)
    return _strided(tensor) if drawing.strided else tensor


def _entries(
    distribution: Normal | Uniform, shape: tuple[int, ...], drawing: Drawing, rng: np.random.Generator
) -> np.ndarray:
    if isinstance(distribution, Uniform):
        low, high = distribution.low, distribution.high
        if not drawing.lattice:
            return np.asarray(rng.uniform(low, high, size=shape))
        # Dyadic fractions inside the interval, its ends left out: 1/8 steps of its length, so t stays fractional.
        return np.asarray(low + (high - low) * rng.integers(1, 8, size=shape) / 8)
    if drawing.lattice:
        steps = np.arange(-6, 7)
        choices = steps if drawing.zeros else steps[steps != 0]
        return np.asarray(rng.choice(choices, size=shape) * distribution.scale / 4)
    width = shape[0] if len(shape) else 1
    return np.asarray(rng.normal(size=shape) * distribution.scale / max(1.0, width / 4) ** 0.5)


def _strided(tensor: Tensor) -> Tensor:
    """The same values in an uncommon memory layout: transposed, or every second element of a longer vector."""
    if tensor.ndim == 0:
        return tensor
    if tensor.ndim == 1:
        return torch.stack([tensor, -tensor], dim=1)[:, 0]
    return tensor.transpose(-1, -2).contiguous().transpose(-1, -2)


def _shrunk(inputs: dict[str, Value], parameters: tuple[Parameter, ...], factor: float) -> dict[str, Value]:
    """Smaller entries for a forward pass that saturates easily; uniform inputs keep their meaning."""
    if factor == 1.0:
        return inputs
    shrinkable = {parameter.name for parameter in parameters if isinstance(parameter.distribution, Normal)}
    return {
        name: value * factor if name in shrinkable and isinstance(value, (Tensor, float)) else value
        for name, value in inputs.items()
    }
