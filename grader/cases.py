"""Draws an exercise's cases: input tensors from HMAC(secret, exercise, case), each with the features that it must have.

A family says what a case is there to reveal; `docs/decisions/0004-cases.md` says which mistakes only it reveals.
Candidates are drawn until one shows the family's features and is neither dead (nothing to compare), saturated, nor so
close to a kink that rounding could decide.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Union

import numpy as np
import torch
from torch import Tensor

from grader.errors import ExerciseError
from grader.exercise import Exercise, Integers, Normal, Parameter, Uniform
from grader.oracle import Expected, Outputs, evaluate, expect, observe
from grader.rounding import Observed, OtherSide

Value = Union[Tensor, float, int]
FAMILIES = ("lattice", "scaled", "degenerate", "square", "strided", "large", "kink")

ATTEMPTS = 96
"""How many candidates are drawn before a case is given up."""
PATIENCE = 8
"""How many usable candidates are looked at for one with every feature, before the best of them is taken."""
SATURATION = 8.0
"""The largest magnitude that may enter a sigmoid, tanh or exp: beyond it nothing is left of a gradient in float32."""
MARGIN = 2.0**-14
"""How far from a kink, as a fraction of the largest distance there, every element must be: a thousand roundings."""
BEYOND = 4.0
"""A scaled case has an entry above this many standard deviations; every other case stays below."""
LARGE = 6
"""An axis that may be at least this long has its larger half to itself: only large cases go there."""


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
    """Sentences about cases that could not be drawn, for the author's eyes."""


Entries = Literal["lattice", "zeros", "plain", "scaled"]
"""Multiples of a quarter without 0 and with a repeated row; a few small ones with many zeros; evenly from a bounded
interval; normal with one tensor eight times as large as the others."""
Ranges = Mapping[str, tuple[int, int]]
Sizes = Callable[[np.random.Generator, Ranges], dict[str, int]]


@dataclass(frozen=True)
class Drawing:
    """How one case is drawn: the n-th of a family, its sizes, its entries, its memory layout."""

    family: str
    index: int
    sizes: Sizes
    entries: Entries
    strided: bool = False


def prepare(exercise: Exercise, secret: bytes, student: str = "", without: frozenset[str] = frozenset()) -> Suite:
    """All cases of an exercise under a secret, with expected values and tolerances.

    student: draws cases of one student's own; without: families to leave out (the author's audit).
    Raises ExerciseError when a variant has no case that counts, or the forward pass cannot be graded.
    """
    prepared: list[Prepared] = []
    unavailable: list[str] = []
    for variant in exercise.variant_names:
        for drawing in schedule(exercise, variant):
            if drawing.family in without:
                continue
            name = f"{variant}/{drawing.family}-{drawing.index}".lstrip("/")
            found = _find(exercise, variant, name, drawing, generator(secret, exercise.slug, name, student))
            if isinstance(found, Prepared):
                prepared.append(found)
            elif found:
                unavailable.append(f"{name}: {found}")
        if not any(each.case.counts for each in prepared if each.case.variant == variant):
            raise ExerciseError(
                f"{exercise.slug}: no case can be drawn{f' for {variant!r}' if variant else ''} "
                f"({'; '.join(unavailable)}); widen `sizes` or give `inputs` other distributions"
            )
    return Suite(exercise, tuple(prepared), tuple(unavailable))


def schedule(exercise: Exercise, variant: str) -> Iterator[Drawing]:
    """The cases of one variant, as far as its sizes allow."""
    axes = exercise.axis_names(variant)
    ranges = {axis: exercise.sizes[axis] for axis in axes}
    for index in range(2):
        yield Drawing("lattice", index, _distinct(3, 6), "lattice")
        yield Drawing("scaled", index, _distinct(2, 9), "scaled")
    ones = [axis for axis in axes if ranges[axis][0] == 1]
    for index, axis in enumerate(ones):
        yield Drawing("degenerate", index, _with(axis, _distinct(2, 5)), "plain")
    if ones:
        yield Drawing(
            "degenerate", len(ones), lambda _, ranges: {axis: low for axis, (low, _) in ranges.items()}, "plain"
        )
    for index in range(2):
        if len(axes) > 1:
            yield Drawing("square", index, _square, "plain")
        if axes:
            yield Drawing("strided", index, _distinct(2, 6), "plain", strided=True)
        if any(high >= LARGE for _, high in ranges.values()):
            yield Drawing("large", index, _largest, "plain")
    yield Drawing("kink", 0, _distinct(2, 4), "zeros")


def draw_inputs(
    parameters: tuple[Parameter, ...], drawing: Drawing, ranges: Ranges, rng: np.random.Generator, shrink: float = 1.0
) -> dict[str, Value]:
    """Inputs by name, in call order: one candidate.

    shrink: a factor for normal entries, for a forward pass that saturates easily; a scaled case keeps its large tensor.
    """
    sizes, entries = drawing.sizes(rng, ranges), drawing.entries
    shrinkable = [each.name for each in parameters if isinstance(each.distribution, Normal)]
    large = str(rng.choice(shrinkable)) if entries == "scaled" and shrinkable else ""
    values = {
        each.name: _value(each, sizes, entries, rng, _factor(entries, each.name == large, shrink))
        for each in parameters
    }
    return {name: _strided(value) for name, value in values.items()} if drawing.strided else values


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


def _smallest(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    return {axis: low for axis, (low, _) in ranges.items()}


def _largest(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    """The largest sizes, a little apart from each other."""
    order = rng.permutation(len(ranges)).tolist()
    return {
        axis: max(low, high - index if high - index > middle(high) else high)
        for index, (axis, (low, high)) in zip(order, ranges.items(), strict=True)
    }


def _find(
    exercise: Exercise, variant: str, name: str, drawing: Drawing, rng: np.random.Generator
) -> Prepared | str | None:
    """The first candidate with every feature, or else the best of some that are usable.

    A text says why there is none; None says that there need not be one (a kink where nothing has a kink).
    """
    ranges = {axis: exercise.sizes[axis] for axis in exercise.axis_names(variant)}
    parameters = exercise.parameters(variant)
    counts = drawing.family != "kink" or exercise.kink == "graded"
    reasons: Counter[str] = Counter()
    best: tuple[int, dict[str, Value]] | None = None
    usable, patience = 0, PATIENCE if drawing.family != "kink" else 3 * PATIENCE
    for attempt in range(ATTEMPTS):
        inputs = draw_inputs(parameters, drawing, ranges, rng, 0.5 ** (attempt // 24))
        outputs, observed = observe(exercise, inputs)
        if drawing.family == "kink" and not observed.decides:
            return None
        if reason := unusable(outputs, observed, at_kink=drawing.family == "kink"):
            reasons[reason] += 1
        else:
            usable += 1
            lacking = _lacking(exercise, drawing, inputs, outputs, observed)
            best = min(best or (lacking, inputs), (lacking, inputs), key=lambda candidate: candidate[0])
        if best and (best[0] == 0 or usable % patience == 0 or attempt == ATTEMPTS - 1):
            expected = expect(exercise, best[1])
            if expected is not None and all(map(_decidable, expected.values())):
                return Prepared(Case(name, variant, drawing.family, best[1], counts), expected)
            reasons["rounding decides"] += 1
            best = None
    return "every candidate is unusable (" + ", ".join(f"{why}: {n}" for why, n in reasons.most_common()) + ")"


def unusable(outputs: Outputs, observed: Observed, *, at_kink: bool = False) -> str:
    """Why nothing can be learnt from a candidate, or ""."""
    values = [value for value in outputs.values() if value.dtype != torch.bool]
    if not all(bool(torch.isfinite(value).all()) for value in values):
        return "not finite"
    if values and not any(bool(value.any()) for value in values):
        return "dead"
    if observed.saturation > SATURATION:
        return "saturated"
    if observed.kinks != at_kink:
        return "not at a kink" if at_kink else "at a kink"
    return "near a kink" if observed.margin < MARGIN else ""


def _lacking(
    exercise: Exercise, drawing: Drawing, inputs: Mapping[str, Value], outputs: Outputs, observed: Observed
) -> int:
    """How many of the features that a case of this family should have are missing.

    Decisions and differences go both ways, every output can tell a wrong answer, a lone difference is positive in
    even cases and negative in odd ones; a scaled case has entries far outside the usual range that matter, and a case
    at a kink outputs that depend on the choice there.
    """
    wanted_sign = 1 - 2 * (drawing.index % 2)
    lacking = 2 * sum(not _lively(value) for value in outputs.values())
    lacking += observed.one_sided + (observed.sign not in (0, wanted_sign))
    if drawing.family == "scaled":
        clipped = evaluate(exercise, {name: _clipped(exercise, name, value) for name, value in inputs.items()})
        lacking += 4 * (not any(_moved(clipped[name], outputs[name]) for name in outputs))
    if drawing.family == "kink":
        with OtherSide():
            other = evaluate(exercise, inputs)
        lacking += 4 * sum(not _moved(other[name], outputs[name]) for name in outputs)
    return lacking


def _clipped(exercise: Exercise, name: str, value: Value) -> Value:
    given = exercise.inputs.get(name, Normal())
    if not (isinstance(given, Normal) and isinstance(value, Tensor) and value.is_floating_point()):
        return value
    return value.clamp(-BEYOND * given.scale, BEYOND * given.scale)


def _moved(value: Tensor, other: Tensor) -> bool:
    """Whether two results are visibly different."""
    if value.dtype == torch.bool:
        return not torch.equal(value, other)
    return bool(((value - other).abs() > 1e-6 * (1 + other.abs().max())).any())


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


def _factor(entries: Entries, large: bool, shrink: float) -> float:
    if entries != "scaled":
        return shrink
    return BEYOND if large else 0.5 * shrink


def _value(
    parameter: Parameter, sizes: Mapping[str, int], entries: Entries, rng: np.random.Generator, factor: float
) -> Value:
    shape = parameter.shape(sizes)
    distribution = parameter.distribution
    if isinstance(distribution, Integers):
        high = sizes[distribution.high] - 1 if isinstance(distribution.high, str) else distribution.high
        whole = rng.integers(distribution.low, high + 1, size=shape)
        if parameter.kind == "int":
            return int(whole)
        dtype = {"bool_tensor": torch.bool, "int_tensor": torch.int64}.get(parameter.kind, torch.float32)
        return torch.as_tensor(np.asarray(whole)).to(dtype)
    if isinstance(distribution, Uniform):
        drawn = _uniform(distribution, shape, entries, rng)
    else:
        drawn = _normal(distribution, shape, entries, rng) * factor
    if parameter.kind == "float":
        return float(drawn.astype(np.float32))
    return torch.as_tensor(drawn.astype(np.float32)).reshape(shape)


def _uniform(distribution: Uniform, shape: tuple[int, ...], entries: Entries, rng: np.random.Generator) -> np.ndarray:
    low, high = distribution.low, distribution.high
    if entries in ("lattice", "zeros"):
        # Eighths of the interval, its ends left out, so that targets stay fractional.
        return np.asarray(low + (high - low) * rng.integers(1, 8, size=shape) / 8)
    return np.asarray(rng.uniform(low, high, size=shape))


def _normal(distribution: Normal, shape: tuple[int, ...], entries: Entries, rng: np.random.Generator) -> np.ndarray:
    if entries in ("lattice", "zeros"):
        quarter = 2.0 ** round(np.log2(distribution.scale)) / 4
        steps = np.arange(-2, 3) if entries == "zeros" else np.concatenate([np.arange(-6, 0), np.arange(1, 7)])
        drawn = np.asarray(rng.choice(steps, size=shape) * quarter)
        if entries == "lattice" and drawn.ndim and len(drawn) > 2:
            first, second = rng.permutation(len(drawn))[:2]
            drawn[first] = drawn[second]
        return drawn
    width = max(1.0, (shape[0] if shape else 1) / 4) ** 0.5
    if entries == "scaled":
        return np.asarray(rng.normal(size=shape) * distribution.scale)
    return np.asarray(rng.uniform(-1.75, 1.75, size=shape) * distribution.scale / width)


def _strided(value: Value) -> Value:
    """The same values in an uncommon memory layout: transposed, or every second one of a vector."""
    if not isinstance(value, Tensor) or value.ndim == 0:
        return value
    if value.ndim == 1:
        return torch.stack([value, 1 - value], dim=1)[:, 0] if value.is_floating_point() else value
    return value.transpose(-1, -2).contiguous().transpose(-1, -2)
