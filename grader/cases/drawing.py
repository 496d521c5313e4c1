"""How candidates for cases are drawn: families, sizes, entries and memory layout, from one random stream per case."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Union

import numpy as np
import torch
from torch import Tensor

from grader.exercise import Constant, Exercise, Integers, Normal, Parameter, Size, Uniform, parameter_names, size_of

Value = Union[Tensor, float, int]
"""One argument of the entry point."""
FAMILIES = ("lattice", "scaled", "degenerate", "square", "strided", "large", "kink")

BEYOND = 4.0
"""A scaled case has an entry above this many standard deviations; every other case stays below."""
LARGE = 6
"""An axis that may be at least this long has its larger half to itself: only large cases go there."""


Shape = tuple[int, ...]
Ranges = Mapping[str, tuple[int, int]]
Sizes = Callable[[np.random.Generator, Ranges], dict[str, int]]


@dataclass(frozen=True)
class Entries:
    """How the entries of an input are drawn from its distribution, in float32 or float64.

    whole: how many different whole numbers there are at most; None: as many as the distribution allows.
    """

    normal: Callable[[Normal, Shape, np.random.Generator], np.ndarray]
    uniform: Callable[[Uniform, Shape, np.random.Generator], np.ndarray]
    whole: int | None = None

    def draw(
        self, parameter: Parameter, sizes: Mapping[str, int], rng: np.random.Generator, factor: float = 1.0
    ) -> Value:
        """One input; factor: multiplies normal entries."""
        shape = parameter.shape(sizes)
        distribution = parameter.distribution
        if isinstance(distribution, Size):
            return size_of(distribution.axis, sizes)
        if isinstance(distribution, Constant):
            return distribution.value
        if isinstance(distribution, Integers):
            high = sizes[distribution.high] - 1 if isinstance(distribution.high, str) else distribution.high
            high = high if self.whole is None else min(high, distribution.low + self.whole - 1)
            whole = rng.integers(distribution.low, high + 1, size=shape)
            if parameter.kind in ("int", "bool"):
                return bool(whole) if parameter.kind == "bool" else int(whole)
            dtype = {"bool_tensor": torch.bool, "int_tensor": torch.int64}.get(parameter.kind, torch.float32)
            return torch.as_tensor(np.asarray(whole)).to(dtype)
        if isinstance(distribution, Uniform):
            drawn = self.uniform(distribution, shape, rng)
        else:
            drawn = self.normal(distribution, shape, rng) * factor
        if parameter.kind == "float":
            return float(drawn)
        return torch.as_tensor(drawn.astype(np.float32)).reshape(shape)


def _eighths(distribution: Uniform, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Eighths of the interval, its ends left out, so that targets stay fractional."""
    low, high = distribution.low, distribution.high
    return np.asarray(low + (high - low) * rng.integers(1, 8, size=shape) / 8, dtype=np.float32)


def _anywhere(distribution: Uniform, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.uniform(distribution.low, distribution.high, size=shape), dtype=np.float32)


def _quarters(distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Multiples of a quarter without 0, and one row twice."""
    drawn = _multiples(np.concatenate([np.arange(-6, 0), np.arange(1, 7)]), distribution, shape, rng)
    if drawn.ndim and len(drawn) > 2:
        first, second = rng.permutation(len(drawn))[:2]
        drawn[first] = drawn[second]
    return drawn


def _few_quarters(distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """A few small multiples of a quarter, many of them 0."""
    return _multiples(np.arange(-2, 3), distribution, shape, rng)


def _multiples(steps: np.ndarray, distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.choice(steps, size=shape) * 2.0 ** round(np.log2(distribution.scale)) / 4)


def _bounded(distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Evenly from an interval that is smaller for more rows."""
    width = max(1.0, (shape[0] if shape else 1) / 4) ** 0.5
    return np.asarray(rng.uniform(-1.75, 1.75, size=shape) * distribution.scale / width)


def _bell(distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.normal(size=shape) * distribution.scale)


LATTICE = Entries(_quarters, _eighths)
ZEROS = Entries(_few_quarters, _eighths)
PLAIN = Entries(_bounded, _anywhere)
SCALED = Entries(_bell, _anywhere)


@dataclass(frozen=True)
class Drawing:
    """How one case is drawn: the n-th of a family, its sizes, its entries, its memory layout.

    scaled: one tensor is eight times as large as the others.
    """

    family: str
    index: int
    sizes: Sizes
    entries: Entries
    scaled: bool = False
    strided: bool = False


def schedule(exercise: Exercise, variant: str) -> Iterator[Drawing]:
    """The cases of one variant, as far as its sizes allow."""
    axes = exercise.axis_names(variant)
    ranges = {axis: exercise.sizes[axis] for axis in axes}
    for index in range(2):
        yield Drawing("lattice", index, _distinct(3, 6), LATTICE)
        yield Drawing("scaled", index, _distinct(2, 9), SCALED, scaled=True)
    ones = [axis for axis in axes if ranges[axis][0] == 1]
    for index, axis in enumerate(ones):
        yield Drawing("degenerate", index, _with(axis, _distinct(2, 5)), PLAIN)
    if ones:
        yield Drawing(
            "degenerate", len(ones), lambda _, ranges: {axis: low for axis, (low, _) in ranges.items()}, PLAIN
        )
    for index in range(2):
        if len(axes) > 1:
            yield Drawing("square", index, _square, PLAIN)
        if axes:
            yield Drawing("strided", index, _distinct(2, 6), PLAIN, strided=True)
        if any(high >= LARGE for _, high in ranges.values()):
            yield Drawing("large", index, _largest, PLAIN)
    yield Drawing("kink", 0, _distinct(2, 4), ZEROS)


def draw_inputs(
    parameters: tuple[Parameter, ...],
    sizes: Mapping[str, int],
    drawing: Drawing,
    rng: np.random.Generator,
    shrink: float = 1.0,
) -> dict[str, Value]:
    """Inputs by name, in call order: one candidate.

    shrink: a factor for normal entries, for a forward pass that saturates easily; a scaled case keeps its large tensor.
    """
    normal = [each.name for each in parameters if isinstance(each.distribution, Normal)]
    large = str(rng.choice(normal)) if drawing.scaled and normal else ""
    factors = dict.fromkeys(normal, 0.5 * shrink if drawing.scaled else shrink) | {large: BEYOND}
    values = {each.name: drawing.entries.draw(each, sizes, rng, factors.get(each.name, 1.0)) for each in parameters}
    return {name: restrided(value) for name, value in values.items()} if drawing.strided else values


def with_given(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs with the results of the forward pass that are given to the student, in float32."""
    if not exercise.given:
        return dict(inputs)
    results = exercise.forward(**{name: inputs[name] for name in parameter_names(exercise.forward)})
    return {**inputs, **{name: results[name].detach() for name in exercise.given}}


def clipped(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as somebody reads them who does not expect large entries: what scaled cases are there to reveal."""
    return {
        name: value.clamp(-BEYOND * scale, BEYOND * scale) if isinstance(value, Tensor) and scale else value
        for name, value in inputs.items()
        for scale in [_scale(exercise, name, value)]
    }


def equal_rows_once(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as somebody reads them who looks rows up by value: what the lattice's repeated rows reveal."""
    return {
        name: _without_repetition(value) if isinstance(value, Tensor) and _scale(exercise, name, value) else value
        for name, value in inputs.items()
    }


def generator(secret: bytes, *names: str) -> np.random.Generator:
    """The random stream of one case: a function of the secret and the names, and of nothing else."""
    digest = hmac.new(secret, "\0".join(names).encode(), "sha256").digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def middle(high: int) -> int:
    """The largest size that cases other than the large ones give an axis."""
    return high // 2 if high >= LARGE else high


def _with(axis: str, sizes: Sizes) -> Sizes:
    return lambda rng, ranges: {**sizes(rng, ranges), axis: 1}


def _distinct(low: int, high: int) -> Sizes:
    """Sizes that differ from each other as far as the ranges allow."""

    def draw(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for axis in sorted(rng.permutation(list(ranges)).tolist(), key=lambda axis: ranges[axis][1]):
            smallest, largest = ranges[axis][0], max(ranges[axis][0], middle(ranges[axis][1]))
            first = max(smallest, min(low, largest - 1))
            span = range(first, max(first, min(largest, high)) + 1)
            free = [size for size in span if size not in sizes.values()]
            sizes[axis] = int(rng.choice(free or list(span)))
        return sizes

    return draw


def _square(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    """One size for all axes, as far as the ranges allow."""
    size = int(rng.integers(2, max(3, min(5, 1 + min(middle(high) for _, high in ranges.values())))))
    return {axis: min(max(size, low), high) for axis, (low, high) in ranges.items()}


def _largest(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    """The largest sizes, a little apart from each other."""
    order = rng.permutation(len(ranges)).tolist()
    return {
        axis: max(low, high - index if high - index > middle(high) else high)
        for index, (axis, (low, high)) in zip(order, ranges.items(), strict=True)
    }


def _scale(exercise: Exercise, name: str, value: Value) -> float:
    """The standard deviation of a normal float tensor, 0 for anything else."""
    given = exercise.inputs.get(name, Normal())
    floating = isinstance(value, Tensor) and value.is_floating_point()
    return given.scale if floating and isinstance(given, Normal) else 0.0


def _without_repetition(rows: Tensor) -> Tensor:
    """Every row that occurred before is replaced by zeros."""
    if rows.ndim == 0:
        return rows
    seen = [any(torch.equal(rows[later], rows[earlier]) for earlier in range(later)) for later in range(len(rows))]
    kept = rows.clone()
    kept[torch.tensor(seen)] = 0
    return kept


def restrided(value: Value) -> Value:
    """The same values in an uncommon memory layout: transposed, or every second one of a vector."""
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    if value.ndim == 1:
        return torch.stack([value, value], dim=1)[:, 0]
    return value.transpose(-1, -2).contiguous().transpose(-1, -2)
