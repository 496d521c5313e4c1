"""The code of a submission as text, for people and for comparing: files and cells as a report cites them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.submissions import Submission

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
    """Every file and code cell in order; nothing for a notebook that cannot be read."""
    for name, content in submission.files:
        text = content.decode("utf-8", "replace")
        if not name.lower().endswith(".ipynb"):
            yield Cell(name, 0, text)
            continue
        for number, code in enumerate(_notebook(text), start=1):
            yield Cell(name, number, code)


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
    waiting = [entry_point]
    while waiting:
        name = waiting.pop(0)
        if name in code and name not in parts:
            parts[name] = code[name]
            waiting += _WORD.findall(code[name])
    return "\n\n".join(parts.values())


def _notebook(text: str) -> Iterator[str]:
    """The code cells of a notebook (format 3 or 4); nothing for what is no notebook."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(notebook, dict):
        return
    sheets = notebook.get("worksheets")
    holders = [notebook, *(each for each in (sheets if isinstance(sheets, list) else ()) if isinstance(each, dict))]
    for cell in (cell for holder in holders for cell in holder.get("cells") or ()):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = cell.get("source", cell.get("input", ""))
            yield "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
