"""How candidates for cases are drawn: families, sizes, entries and memory layout, from one random stream per case.

Longer than most files: every way to draw an entry and every family that uses it are read side by side.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Literal, Union

import numpy as np
import torch
from torch import Tensor

from grader.cases.sizes import (
    LARGE,
    Sizes,
    any_sizes,
    common_sizes,
    largest,
    middle,
    smallest,
    square,
    unequal,
    with_size,
)
from grader.exercise import (
    Constant,
    Drawn,
    Exercise,
    Integers,
    Normal,
    Parameter,
    Size,
    Uniform,
    parameter_names,
    size_of,
)

Value = Union[Tensor, float, int]
"""One argument of the entry point."""
FAMILIES = ("lattice", "scaled", "zeros", "degenerate", "square", "strided", "large", "draw", "kink")

BEYOND = 4.0
"""A large scaled case has an entry above this many standard deviations; every other case stays below."""


Shape = tuple[int, ...]


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
        if isinstance(distribution, Drawn):
            return torch.as_tensor(rng.random(size=shape, dtype=np.float32)).reshape(shape)
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
            if not distribution.zeros:
                drawn = np.where(drawn == 0, distribution.scale / 4, drawn)
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
    return _one_row_twice(_multiples(np.delete(np.arange(-6, 7), 6), distribution, shape, rng), rng)


def _sixteenths(distribution: Normal, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """The same with four times as many numbers to choose from."""
    return _one_row_twice(_multiples(np.delete(np.arange(-24, 25), 24) / 4, distribution, shape, rng), rng)


def _one_row_twice(drawn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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
FINE_LATTICE = Entries(_sixteenths, _eighths)
"""Where quarters are equal too often: a maximum of many has a tie for the first place."""
FEW_QUARTERS = Entries(_few_quarters, _eighths)
PLAIN = Entries(_bounded, _anywhere)
BELL = Entries(_bell, _anywhere)


@dataclass(frozen=True)
class Drawing:
    """How one case is drawn: the n-th of a family, its sizes, its entries, its memory layout.

    sizes: of the kind that the family is about, then others for exercises whose conditions rule these out. scaled:
    inputs are multiplied so that the outputs get large or small. pair: names cases of the same sizes.
    """

    family: str
    index: int
    sizes: tuple[Sizes, ...]
    entries: Entries
    scaled: Literal["", "large", "small"] = ""
    strided: bool = False
    pair: str = ""


def schedule(exercise: Exercise, variant: str, large: int = 2) -> Iterator[Drawing]:
    """The cases of one variant in the order in which they are run, as far as its sizes allow.

    large: how many large scaled cases there are, at least two.
    Cases of one pair have the same sizes and follow each other, for submissions that keep something between calls.
    """
    axes = exercise.axis_names(variant)
    ranges = {axis: exercise.sizes[axis] for axis in axes}
    for index in range(2):
        yield Drawing("lattice", index, unequal(3, 6), LATTICE, pair=f"lattice-{index}")
        yield Drawing("scaled", index, unequal(3, 6), BELL, scaled="large", pair=f"lattice-{index}")
    for index in range(2, large):
        yield Drawing("scaled", index, unequal(3, 6), BELL, scaled="large")
    yield Drawing("scaled", large, unequal(2, 4), PLAIN, scaled="small")
    for index in range(2):
        yield Drawing("zeros", index, unequal(3, 5), PLAIN, pair="zeros")
    ones = [axis for axis in axes if ranges[axis][0] == 1]
    for index, axis in enumerate(ones):
        yield Drawing("degenerate", index, with_size(axis, 1, unequal(2, 5)), PLAIN)
    if ones:
        yield Drawing("degenerate", len(ones), (smallest, any_sizes), PLAIN)
    for index in range(2):
        if common_sizes(ranges):
            yield Drawing("square", index, (square, any_sizes), PLAIN)
        if axes:
            yield Drawing("strided", index, unequal(2, 6), PLAIN, strided=True)
    for position, (axis, (_, high)) in enumerate(ranges.items()):
        far = range(high, middle(high), -1) if high >= LARGE else ()
        for index, size in enumerate(islice((each for each in far if exercise.allows({axis: each}, variant)), 2)):
            yield Drawing("large", 2 * position + index, with_size(axis, size, unequal(2, 3)), PLAIN)
    for index in range(2) if exercise.draws else ():
        yield Drawing("draw", index, (largest, any_sizes), PLAIN)
    yield Drawing("kink", 0, unequal(2, 4), FEW_QUARTERS)


def draw_inputs(
    parameters: tuple[Parameter, ...],
    sizes: Mapping[str, int],
    drawing: Drawing,
    rng: np.random.Generator,
    factors: Mapping[str, float] = MappingProxyType({}),
    few_zeros: bool = False,
) -> dict[str, Value]:
    """Inputs by name, in call order: one candidate; factors: for normal entries, by input.

    few_zeros: one of the inputs stays without, for exercises where a zero of some input sits at a kink.
    """
    values = {each.name: drawing.entries.draw(each, sizes, rng, factors.get(each.name, 1.0)) for each in parameters}
    if drawing.family == "zeros":
        values = _with_zeros(parameters, values, drawing.index, rng, few_zeros)
    if drawing.family in ("zeros", "large"):
        values |= _with_last(parameters, values, sizes, rng, occurs=drawing.family == "large")
    return {name: restrided(value) for name, value in values.items()} if drawing.strided else values


def with_given(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs with the results of the forward pass that are given to the student, in float32.

    What the student's code draws is decided: numbers from [0, 1) become a mask, and a mask stays as it is.
    """
    for name, drawn in exercise.draws.items():
        chances = torch.as_tensor(inputs[name])
        inputs = {**inputs, name: (chances > 1 - drawn.share(inputs)).to(chances.dtype)}
    if not exercise.given:
        return dict(inputs)
    results = exercise.forward(**{name: inputs[name] for name in parameter_names(exercise.forward)})
    return {**inputs, **{name: results[name].detach() for name in exercise.given}}


def _with_zeros(
    parameters: tuple[Parameter, ...], values: dict[str, Value], index: int, rng: np.random.Generator, few: bool
) -> dict[str, Value]:
    """Zeros in each normal input, the ends of each interval, and one observation twice, in all inputs that have it."""
    rows: dict[object, tuple[int, int]] = {}
    spared = str(rng.choice([each.name for each in parameters if isinstance(each.distribution, Normal)])) if few else ""
    for each in parameters:
        value, distribution = values[each.name], each.distribution
        if isinstance(distribution, Uniform) and each.kind in ("float", "float_tensor"):
            ends = (distribution.low, distribution.high)
            if isinstance(value, Tensor):
                chosen = (np.arange(value.numel()) + index) % 2
                values[each.name] = torch.tensor(ends, dtype=torch.float32)[
                    torch.as_tensor(rng.permuted(chosen))
                ].reshape(value.shape)
            else:
                values[each.name] = float(np.float32(ends[index % 2]))
        elif each.name == spared:
            continue
        elif isinstance(value, Tensor) and value.is_floating_point() and _may_be_zero(distribution):
            chosen = rng.permutation(value.numel())[: max(1, value.numel() // 5)]
            values[each.name] = value.flatten().index_fill(0, torch.as_tensor(chosen), 0.0).reshape(value.shape)
    first_axes = [each.axes[0] for each in parameters if each.axes]
    for each in parameters:
        value = values[each.name]
        if isinstance(value, Tensor) and value.ndim and len(value) > 1 and first_axes.count(each.axes[0]) > 1:
            first, second = rows.setdefault(each.axes[0], tuple(rng.permutation(len(value))[:2].tolist()))
            if bool((value[first] == 0).any()):  # its zeros stay
                first, second = second, first
            value[first] = value[second]
    return values


def _may_be_zero(distribution: object) -> bool:
    return isinstance(distribution, Normal) and distribution.zeros


def _with_last(
    parameters: tuple[Parameter, ...],
    values: Mapping[str, Value],
    sizes: Mapping[str, int],
    rng: np.random.Generator,
    *,
    occurs: bool,
) -> dict[str, Value]:
    """Indices among which the last of their axis occurs, or does not: how many there are cannot be read off them."""
    found: dict[str, Value] = {}
    for each in parameters:
        value, distribution = values[each.name], each.distribution
        if isinstance(value, Tensor) and isinstance(distribution, Integers) and isinstance(distribution.high, str):
            last = sizes[distribution.high] - 1
            if occurs and value.numel():
                place = torch.as_tensor([int(rng.integers(value.numel()))])
                found[each.name] = value.flatten().index_fill(0, place, last).reshape(value.shape)
            elif last > distribution.low:
                found[each.name] = value.masked_fill(value == last, distribution.low)
    return found


def generator(secret: bytes, *names: str) -> np.random.Generator:
    """The random stream of one case: a function of the secret and the names, and of nothing else."""
    digest = hmac.new(secret, "\0".join(names).encode(), "sha256").digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def restrided(value: Value) -> Value:
    """The same values in an uncommon memory layout: transposed, or every second one of a vector."""
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    if value.ndim == 1:
        return torch.stack([value, value], dim=1)[:, 0]
    return value.transpose(-1, -2).contiguous().transpose(-1, -2)
