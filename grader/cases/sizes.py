"""Sizes of the axes of a case: unequal ones, equal ones, the smallest, the largest, one axis of a given size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

LARGE = 6
"""An axis that may be at least this long has its larger half to itself: only large cases go there."""

Ranges = Mapping[str, tuple[int, int]]
Sizes = Callable[[np.random.Generator, Ranges], dict[str, int]]
"""A kind of sizes: draws one for each axis."""


def middle(high: int) -> int:
    """The largest size that cases other than the large ones give an axis."""
    return high // 2 if high >= LARGE else high


def with_size(axis: str, size: int, kinds: tuple[Sizes, ...]) -> tuple[Sizes, ...]:
    return tuple(lambda rng, ranges, kind=kind: {**kind(rng, ranges), axis: size} for kind in kinds)


def any_sizes(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    return {axis: int(rng.integers(low, high + 1)) for axis, (low, high) in ranges.items()}


def smallest(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    return {axis: low for axis, (low, _) in ranges.items()}


def largest(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    return {axis: high for axis, (_, high) in ranges.items()}


def unequal(low: int, high: int) -> tuple[Sizes, ...]:
    """Sizes that differ from each other as far as the ranges allow; without that; any."""

    def draw(rng: np.random.Generator, ranges: Ranges, distinct: bool) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for axis in sorted(rng.permutation(list(ranges)).tolist(), key=lambda axis: ranges[axis][1]):
            smallest, largest = ranges[axis][0], max(ranges[axis][0], middle(ranges[axis][1]))
            first = max(smallest, min(low, largest - 1))
            span = range(first, max(first, min(largest, high)) + 1)
            free = [size for size in span if size not in sizes.values()] if distinct else []
            sizes[axis] = int(rng.choice(free or list(span)))
        return sizes

    return partial(draw, distinct=True), partial(draw, distinct=False), any_sizes


def common_sizes(ranges: Ranges) -> list[int]:
    """The sizes that most axes may have, small ones if there are any; none where no two axes have one in common."""
    sizes = range(2, max((high for _, high in ranges.values()), default=1) + 1)
    allow = {size: sum(low <= size <= high for low, high in ranges.values()) for size in sizes}
    most = max(allow.values(), default=0)
    common = [size for size in sizes if allow[size] == most]
    return [size for size in common if size <= max(4, common[0])] if most > 1 else []


def square(rng: np.random.Generator, ranges: Ranges) -> dict[str, int]:
    """One size for all axes that may have it."""
    size = int(rng.choice(common_sizes(ranges)))
    return {axis: min(max(size, low), high) for axis, (low, high) in ranges.items()}
