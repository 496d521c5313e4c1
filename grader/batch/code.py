"""The code of a submission as text, for people and for comparing: files and cells as a report cites them."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from grader.submissions import Submission
from grader.submissions.submission import is_data

T = TypeVar("T")

MAX_CODE_CHARACTERS = 400_000
MAX_NOTEBOOK_BYTES = 16 * 2**20
MAX_NOTEBOOK_VALUES = 500_000
"""With more, outputs included, reading a notebook would take hundreds of megabytes."""

_HEAD = re.compile(r"^(?:async\s+)?def\s+(\w+)", re.ASCII)
_WORD = re.compile(r"[^\W\d]\w*")
_CLOSES = (")", "]", "}")


@dataclass(frozen=True)
class Cell:
    """A Python file (`number` 0), or one code cell of a notebook, counted from 1 as reports do."""

    file: str
    number: int
    text: str


def cells(submission: Submission) -> Iterator[Cell]:
    """Every file and code cell in order, up to MAX_CODE_CHARACTERS; nothing for a notebook that cannot be read."""
    left = MAX_CODE_CHARACTERS
    for name, content in submission.files:
        if is_data(name):
            continue
        if name.lower().endswith(".ipynb"):
            found = enumerate(_notebook(content), start=1)
        else:
            found = enumerate([content[: 4 * left].decode("utf-8", "replace")])
        for number, code in found:
            if left <= 0:
                return
            yield Cell(name, number, code[:left])
            left -= len(code)


def functions(code: str) -> dict[str, str]:
    """The text of every function at the left margin by name; of two with one name the last. It need not parse."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in code.splitlines():
        head = _HEAD.match(line)
        if head:
            current = found[head[1]] = []
        elif line[:1].strip() and not line.startswith(("#", *_CLOSES)):
            current = None
        if current is not None:
            current.append(line)
    return {name: "\n".join(lines).rstrip() for name, lines in found.items()}


def answer(code: dict[str, str], entry_point: str) -> str:
    """A function with the helpers that it names, directly or not, in the order of first use; "" for none."""
    parts: dict[str, str] = {}
    waiting = deque([entry_point])
    while waiting:
        name = waiting.popleft()
        if name in code and name not in parts:
            parts[name] = code[name]
            waiting += dict.fromkeys(_WORD.findall(code[name]))
    return "\n\n".join(parts.values())


def _notebook(content: bytes) -> Iterator[str]:
    """The code cells of a notebook (format 3 or 4); nothing for what is no notebook, or is too large to read."""
    if len(content) > MAX_NOTEBOOK_BYTES or sum(map(content.count, (b"{", b"[", b","))) > MAX_NOTEBOOK_VALUES:
        return
    try:
        notebook = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return
    if not isinstance(notebook, dict):
        return
    holders = [notebook, *_each(notebook.get("worksheets"), dict)]
    for cell in (cell for holder in holders for cell in _each(holder.get("cells"), dict)):
        if cell.get("cell_type") == "code":
            lines = cell.get("source", cell.get("input", ""))
            yield lines if isinstance(lines, str) else "".join(_each(lines, str))


def _each(values: object, kind: type[T]) -> list[T]:
    """The items of that kind in a list; none where something else stands in its place."""
    return [value for value in values if isinstance(value, kind)] if isinstance(values, list) else []
