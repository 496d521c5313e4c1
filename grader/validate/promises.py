"""What an author promises in text: verdicts of wrong solutions, examples of the statement, words of one's own."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grader.authoring.skeleton import PLACEHOLDERS
from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.misconception import Chain
from grader.models import ExerciseResult

EXPECTED = "# expected: "
NEEDS_THE_WALL = frozenset({"timed_out", "out_of_memory", "output_limit", "skipped"})
"""Verdicts that only a graded run shows: here nothing ends a loop."""


def expectation(path: Path) -> dict[str, tuple[str, str]]:
    """Check name -> verdict and misconception, from a first line `# expected: CHECK=VERDICT[:SLUG]; ...`.

    Raises ExerciseError.
    """
    first = path.read_text(encoding="utf-8").split("\n", 1)[0].rstrip()
    if not first.startswith(EXPECTED):
        raise ExerciseError(f"{path}: the first line says what to expect, {EXPECTED}CHECK=VERDICT; CHECK=VERDICT:SLUG")
    found: dict[str, tuple[str, str]] = {}
    for part in first.removeprefix(EXPECTED).split("; "):
        words = re.fullmatch(r"(.+)=(\w+)(?::(\S+))?", part)
        if words is None:
            raise ExerciseError(f"{path}: {part!r} is not CHECK=VERDICT or CHECK=VERDICT:SLUG")
        found[words[1]] = (words[2], words[3] or "")
    return found


def names(exercise: Exercise, chain: Chain | None) -> dict[str, str]:
    """What a wrong solution may promise to be explained by, with the hint: conventions and misconceptions."""
    conventions = {each.slug: each.hint for each in exercise.conventions}
    return conventions | {each.slug: each.hint for each in (chain.misconceptions if chain else ())}


def kept(path: Path, result: ExerciseResult, hints: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each check of a wrong solution that is not what its first line promises; raises ExerciseError.

    hints: see `names`.
    """
    expected = expectation(path)
    named = {check.name: check for check in result.checks}
    for name in sorted(expected.keys() ^ named.keys()):
        yield f"{path}: {name!r} {'is no check' if name in expected else 'is not in the first line'}; list every check"
    for name in sorted(expected.keys() & named.keys()):
        verdict, mistake = expected[name]
        check = named[name]
        if check.verdict != verdict:
            yield f"{path}: {name} is {check.verdict} and not {verdict}: {check.message}"
        elif mistake and mistake not in hints:
            yield f"{path}: {name} names {mistake!r}, which is in neither misconceptions.py nor `conventions`"
        elif mistake and (check.misconception, check.hint) != (mistake, hints[mistake]):
            yield f"{path}: {name} is explained by {check.misconception or 'nothing'} and not by {mistake}"


def untrue_examples(path: Path, text: str, defined: Mapping[str, Any]) -> Iterator[str]:
    """Where `pycon` blocks of a statement print something else; defined: the names of the reference."""
    blocks = re.findall(r"```pycon\n(.*?)```", text, re.DOTALL)
    known = {"torch": torch, "np": np, **defined}
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), known, path.name, None, 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    for text in said:
        shown = " ".join(text.partition("Failed example:")[2].split())
        yield f"{path}: an example is not what the reference says: {shown}"


def unwritten(path: Path, text: str) -> Iterator[str]:
    """Which sentences of the skeleton were not replaced."""
    left = [sentence for sentence in PLACEHOLDERS if sentence in text]
    if left:
        yield f"{path}: {left[0]!r} is the skeleton's; write the statement in your own words"
