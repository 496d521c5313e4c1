"""Cases that are drawn once, where the container is built, instead of before every submission.

They lie beside the secret and are as secret. The file holds plain tensors and texts and is read as nothing else.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from grader import cases
from grader.cases import Case, Prepared, Suite
from grader.exercise import Exercise
from grader.oracle import Expected

Prepare = Callable[[Exercise, bytes, str], Suite]


def write(path: Path, key: str, suites: dict[str, Suite]) -> None:
    """Keep suites by slug; `key` is a digest of all that they depend on. Only the owner may read the file."""
    content = {"key": key, "suites": {slug: _plain(suite) for slug, suite in suites.items()}}
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        torch.save(content, file)


def reader(path: Path, key: str) -> Prepare:
    """What prepares an exercise's suite: from the file, or, where it was made from anything else, by drawing."""
    kept: dict[str, Any] = {}
    with contextlib.suppress(Exception):  # a file that is missing or broken, in whatever way: then they are drawn
        content = torch.load(path, weights_only=True)
        if content["key"] == key:
            kept = content["suites"]

    def prepare(exercise: Exercise, secret: bytes, student: str) -> Suite:
        if exercise.slug in kept and not student:
            return _suite(exercise, kept[exercise.slug])
        return cases.prepare(exercise, secret, student)

    return prepare


def _plain(suite: Suite) -> dict[str, Any]:
    """A suite as lists, texts, numbers and tensors; strides are kept, because some cases are about them."""
    return {
        "unavailable": list(suite.unavailable),
        "cases": [
            {
                "name": each.case.name,
                "variant": each.case.variant,
                "family": each.case.family,
                "counts": each.case.counts,
                "inputs": dict(each.case.inputs),
                "expected": {name: (answer.value, answer.tolerance) for name, answer in each.expected.items()},
            }
            for each in suite.cases
        ],
    }


def _suite(exercise: Exercise, content: dict[str, Any]) -> Suite:
    prepared = tuple(
        Prepared(
            Case(each["name"], each["variant"], each["family"], each["inputs"], each["counts"]),
            {name: Expected(value, tolerance) for name, (value, tolerance) in each["expected"].items()},
        )
        for each in content["cases"]
    )
    return Suite(exercise, prepared, tuple(content["unavailable"]))
