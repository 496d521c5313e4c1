"""What people do to a right result on its way out: entries moved, signs lost, rows missing or all the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Union

import torch
from torch import Tensor

Transform = Callable[[Tensor], Union[Tensor, None]]
"""From the right result to the wrong one; None where it makes no sense for this shape."""


def _edge(index: int, axis: int) -> Transform:
    """Only the first or last row or column is filled, the rest is zero."""

    def only(expected: Tensor) -> Tensor | None:
        if expected.ndim <= axis:
            return None
        kept = torch.zeros_like(expected)
        kept.select(axis, index).copy_(expected.select(axis, index))
        return kept

    return only


def _missing(index: int, axis: int) -> Transform:
    """The first or last row or column is zero."""

    def without(expected: Tensor) -> Tensor | None:
        if expected.ndim <= axis:
            return None
        kept = expected.clone()
        kept.select(axis, index).zero_()
        return kept

    return without


def _repeated(index: int) -> Transform:
    """Every row holds what belongs to the first or the last one."""
    return lambda expected: expected[index].expand_as(expected) if expected.ndim > 1 else None


def _matrix(change: Callable[[Tensor], Tensor]) -> Transform:
    return lambda expected: change(expected) if expected.ndim == 2 else None


TRANSFORMS: Mapping[str, Transform] = {
    "transposed": _matrix(lambda expected: expected.T),
    "reshaped-instead-of-transposed": _matrix(lambda expected: expected.T.reshape(expected.shape)),
    "sign-flipped": lambda expected: -expected,
    "absolute-values": lambda expected: expected.abs(),
    "relu-on-the-result": lambda expected: torch.relu(expected),
    "only-last-row": _edge(-1, 0),
    "only-first-row": _edge(0, 0),
    "only-last-column": _edge(-1, 1),
    "only-first-column": _edge(0, 1),
    "last-row-missing": _missing(-1, 0),
    "first-row-missing": _missing(0, 0),
    "last-column-missing": _missing(-1, 1),
    "first-column-missing": _missing(0, 1),
    "every-row-is-the-last": _repeated(-1),
    "every-row-is-the-first": _repeated(0),
    "extra-axis-in-front": lambda expected: expected[None],
    "extra-axis-at-the-end": lambda expected: expected[..., None],
}
"""In the order in which they are tried."""
