"""Cases that are drawn once: where a container is built, and once per machine for all batches.

A container's file lies beside the secret and is as secret. What a machine keeps is sealed under the secret: whoever
does not have it can neither read nor make such a file. Files hold plain tensors and texts and are read as nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nacl.secret import SecretBox
from torch import Tensor

import grader
from grader import storage
from grader.cases import suite
from grader.cases.case import Case
from grader.cases.oracle import Expected
from grader.cases.subgradients import Reach
from grader.cases.suite import Suite
from grader.errors import OutputError
from grader.exercise import Exercise

Prepare = Callable[[Exercise, bytes, str], Suite]
Place = tuple[torch.dtype, int, tuple[int, ...], tuple[int, ...]]
KEPT_DAYS = 60
"""A file that has not been read for so long is deleted when another is written."""


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


class MachineStore:
    """The cases of a class, kept for all grading processes of this machine and for later runs.

    sources: by slug, the files that an exercise's cases depend on. A file that is missing, broken, planted or made from
    anything else is drawn anew; a folder that cannot be written keeps nothing.
    """

    def __init__(self, folder: Path, sources: Callable[[str], Sequence[Path]]) -> None:
        self._folder = folder
        self._sources = sources
        self._code = _digest_of_code()
        self._suites: dict[str, Suite] = {}

    def prepare(self, exercise: Exercise, secret: bytes, student: str) -> Suite:
        """An exercise's suite; one student's own is drawn and not kept. Raises ExerciseError."""
        if student:
            return suite.prepare(exercise, secret, student)
        if exercise.slug not in self._suites:
            self._suites[exercise.slug] = self._kept(exercise, secret)
        return self._suites[exercise.slug]

    def _kept(self, exercise: Exercise, secret: bytes) -> Suite:
        content = [path.read_bytes() for path in self._sources(exercise.slug)]
        key = hmac.new(secret, b"cases\0" + self._code, "sha256")
        for each in (exercise.slug.encode(), *content):
            key.update(hashlib.sha256(each).digest())
        box, path = SecretBox(key.digest()), self._folder / hashlib.sha256(key.digest()).hexdigest()
        with contextlib.suppress(Exception):  # a file that is missing or broken, in whatever way: then they are drawn
            kept = torch.load(io.BytesIO(box.decrypt(path.read_bytes())), weights_only=True)
            path.touch()
            return _suite(exercise, kept["suite"], kept["tensors"])
        drawn = suite.prepare(exercise, secret)
        packed, file = _Packed(), io.BytesIO()
        plain = _plain(drawn, packed)
        torch.save({"suite": plain, "tensors": packed.tensors()}, file)
        with contextlib.suppress(OSError, OutputError):  # nothing is kept then
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _delete_old(self._folder)
            storage.store(bytes(box.encrypt(file.getvalue())), path)
        return drawn


def machine_folder() -> Path:
    """Where the cases of batches are kept: the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "gradient-grader", "cases")


def _digest_of_code() -> bytes:
    """Of all of the package, so that a checkout that is edited draws anew, and of what the numbers come from."""
    digest = hashlib.sha256(f"{torch.__version__} {np.__version__}".encode())
    root = Path(grader.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def _delete_old(folder: Path) -> None:
    for path in folder.iterdir():
        if path.stat().st_mtime < time.time() - KEPT_DAYS * 24 * 3600:
            path.unlink(missing_ok=True)


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
                    name: None
                    if reach.around is None or reach.tolerance is None
                    else (
                        [(packed.add(one), packed.add(changes), kinks) for one, changes, kinks in reach.around],
                        packed.add(reach.tolerance),
                    )
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
            {name: _reached(kept, tensors) for name, kept in each["reaches"].items()},
            each["seed"],
        )
        for each in content["cases"]
    )
    return Suite(exercise, cases, tuple(content["unavailable"]))


def _reached(kept: Any, tensors: dict[torch.dtype, Tensor]) -> Reach:
    if kept is None:
        return Reach(None)
    around, tolerance = kept
    found = ((_unpacked(tensors, one), _unpacked(tensors, changes), kinks) for one, changes, kinks in around)
    return Reach(tuple(found), _unpacked(tensors, tolerance))
