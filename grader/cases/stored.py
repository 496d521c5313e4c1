"""Cases that are drawn once, where the container is built, instead of before every submission.

They lie beside the secret and are as secret. The file holds plain tensors and texts and is read as nothing else.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grader.cases import suite
from grader.cases.oracle import Expected
from grader.cases.subgradients import Reach
from grader.cases.suite import Case, Suite
from grader.exercise import Exercise

Prepare = Callable[[Exercise, bytes, str], Suite]
Place = tuple[torch.dtype, int, tuple[int, ...], tuple[int, ...]]


def write(path: Path, key: str, suites: dict[str, Suite]) -> None:
    """Keep suites by slug; `key` is a digest of all that they depend on. Only the owner may read the file."""
    packed = _Packed()
    plain = {slug: _plain(suite, packed) for slug, suite in suites.items()}
    content = {"key": key, "suites": plain, "tensors": packed.tensors()}
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        torch.save(content, file)


def reader(path: Path, key: str) -> Prepare:
    """What prepares an exercise's suite: from the file, or, where it was made from anything else, by drawing."""
    kept: dict[str, Any] = {}
    tensors: dict[torch.dtype, Tensor] = {}
    with contextlib.suppress(Exception):  # a file that is missing or broken, in whatever way: then they are drawn
        content = torch.load(path, weights_only=True)
        if content["key"] == key:
            kept, tensors = content["suites"], content["tensors"]

    def prepare(exercise: Exercise, secret: bytes, student: str) -> Suite:
        if exercise.slug in kept and not student:
            return _suite(exercise, kept[exercise.slug], tensors)
        return suite.prepare(exercise, secret, student)

    return prepare


class _Packed:
    """Tensors one after the other in one tensor per dtype: thousands of small ones take long to read one by one."""

    def __init__(self) -> None:
        self._parts: dict[torch.dtype, list[Tensor]] = {}
        self._lengths: dict[torch.dtype, int] = {}

    def add(self, tensor: Tensor) -> Place:
        """Where it lies: dtype, offset, shape, and strides, because some cases are about them."""
        offset = self._lengths.get(tensor.dtype, 0)
        self._lengths[tensor.dtype] = offset + tensor.numel()
        self._parts.setdefault(tensor.dtype, []).append(tensor.flatten())
        return tensor.dtype, offset, tuple(tensor.shape), tuple(tensor.stride())

    def tensors(self) -> dict[torch.dtype, Tensor]:
        """All of them, by dtype."""
        return {dtype: torch.cat(parts) for dtype, parts in self._parts.items()}


def _unpacked(tensors: dict[torch.dtype, Tensor], place: Place) -> Tensor:
    dtype, offset, shape, strides = place
    values = tensors[dtype][offset : offset + math.prod(shape)].reshape(shape)
    if values.stride() == strides:
        return values.clone()
    return torch.empty_strided(shape, strides, dtype=dtype).copy_(values)


def _plain(suite: Suite, packed: _Packed) -> dict[str, Any]:
    """A suite as lists, texts, numbers and places."""
    return {
        "unavailable": list(suite.unavailable),
        "cases": [
            {
                "name": each.name,
                "variant": each.variant,
                "family": each.family,
                "sizes": dict(each.sizes),
                "counts": each.counts,
                "reaches": {
                    name: None if reach.changes is None else packed.add(reach.changes)
                    for name, reach in each.reaches.items()
                },
                "seed": each.seed,
                "inputs": {
                    name: packed.add(value) if isinstance(value, Tensor) else value
                    for name, value in each.inputs.items()
                },
                "expected": {
                    name: (packed.add(answer.value), packed.add(answer.tolerance), list(answer.measured))
                    for name, answer in each.expected.items()
                },
            }
            for each in suite.cases
        ],
    }


def _suite(exercise: Exercise, content: dict[str, Any], tensors: dict[torch.dtype, Tensor]) -> Suite:
    def value(kept: Any) -> Any:
        return _unpacked(tensors, kept) if isinstance(kept, tuple) else kept

    cases = tuple(
        Case(
            each["name"],
            each["variant"],
            each["family"],
            each["sizes"],
            {name: value(kept) for name, kept in each["inputs"].items()},
            {name: Expected(value(one), value(two), tuple(ops)) for name, (one, two, ops) in each["expected"].items()},
            each["counts"],
            exercise.framework,
            exercise.received,
            {name: Reach(value(kept)) for name, kept in each["reaches"].items()},
            each["seed"],
        )
        for each in content["cases"]
    )
    return Suite(exercise, cases, tuple(content["unavailable"]))
