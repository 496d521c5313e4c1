"""A counterexample's tensors as small tables of text, the same for terminal, notebook and page.

What differs is told by words and marks first; colour only repeats it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from grader.models import Counterexample
from grader.views import wording

Number = Union[float, int, bool]
MAKERS = ("torch.tensor", "tensor", "np.array")
"""What numbers may be written in; a list of Python's stands alone."""
SUBTLE = 2e-4
"""Relative difference below which a cell counts as equal, as long as another cell differs more."""


@dataclass(frozen=True)
class GridCell:
    """One number as text; `wrong` where the student's differs."""

    text: str
    wrong: bool = False


@dataclass(frozen=True)
class Block:
    """A matrix; `label` is its place in a tensor of more than two axes, such as "[0]"."""

    label: str
    rows: tuple[tuple[GridCell, ...], ...]


@dataclass(frozen=True)
class Grid:
    """A tensor with a title, such as "expected" and (2, 3)."""

    title: str
    shape: tuple[int, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Comparison:
    """What is shown of a counterexample: grids where there are numbers, texts where there are not."""

    inputs: str
    grids: tuple[Grid, ...]
    texts: tuple[tuple[str, str], ...]
    """(title, text) of what is no tensor, such as an exception."""
    printed: str = ""
    """What the student's code prints there."""


@dataclass(frozen=True)
class _Tensor:
    shape: tuple[int, ...]
    entries: tuple[Number, ...]
    texts: tuple[str, ...]


def comparison(example: Counterexample) -> Comparison:
    """Expected, actual and, where the shapes are equal, their difference."""
    wanted, got = _parsed(example.expected), _parsed(example.actual)
    texts = [
        (title, text)
        for title, text, parsed in (
            (wording.EXPECTED, example.expected, wanted),
            (wording.ACTUAL, example.actual, got),
        )
        if parsed is None
    ]
    grids = []
    titles = (wording.EXPECTED, wording.ACTUAL)
    if wanted and got and wanted.shape != got.shape:
        titles = (wording.with_shape(titles[0], wanted.shape), wording.with_shape(titles[1], got.shape))
    wrong = _wrong(wanted, got) if wanted and got and _comparable(wanted, got) else None
    if wanted:
        grids.append(_grid(titles[0], wanted.shape, [GridCell(text) for text in wanted.texts]))
    if got:
        flags = wrong or [False] * len(got.entries)
        cells = [GridCell(text, flag) for text, flag in zip(got.texts, flags, strict=True)]
        grids.append(_grid(titles[1], got.shape, cells))
    if wanted and got and wrong:
        cells = [
            GridCell(_difference(a, b) if flag else wording.EQUAL_CELL, flag)
            for a, b, flag in zip(wanted.entries, got.entries, wrong, strict=True)
        ]
        grids.append(_grid(wording.DIFFERENCE, wanted.shape, cells))
    return Comparison(example.inputs, tuple(grids), tuple(texts), example.printed)


def grid(title: str, source: str) -> Grid | None:
    """One tensor from its source; None for anything else."""
    parsed = _parsed(source)
    return _grid(title, parsed.shape, [GridCell(text) for text in parsed.texts]) if parsed else None


def _comparable(wanted: _Tensor, got: _Tensor) -> bool:
    return wanted.shape == got.shape and isinstance(wanted.entries[0], bool) == isinstance(got.entries[0], bool)


def _wrong(wanted: _Tensor, got: _Tensor) -> list[bool]:
    pairs = list(zip(wanted.entries, got.entries, strict=True))
    clear = [not _close(a, b) for a, b in pairs]
    return clear if any(clear) else [a != b for a, b in zip(wanted.texts, got.texts, strict=True)]


def _close(a: Number, b: Number) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or not (math.isfinite(a) and math.isfinite(b)):
        return a is b or a == b
    return abs(a - b) <= SUBTLE * max(abs(a), abs(b))


def _difference(wanted: Number, got: Number) -> str:
    if isinstance(wanted, bool) or isinstance(got, bool) or not math.isfinite(got - wanted):
        return "≠"
    return f"{got - wanted:+.4g}"


def _grid(title: str, shape: tuple[int, ...], cells: list[GridCell]) -> Grid:
    columns = shape[-1] if shape else 1
    rows_per_block = shape[-2] if len(shape) > 1 else 1
    rows = [tuple(cells[start : start + columns]) for start in range(0, len(cells), max(columns, 1))]
    blocks = [
        Block(label, tuple(rows[index * rows_per_block : (index + 1) * rows_per_block]))
        for index, label in enumerate(_labels(shape[:-2]))
    ]
    return Grid(title, shape, tuple(blocks))


def _labels(outer: tuple[int, ...]) -> Iterator[str]:
    """ "[0, 1]" for every matrix of a tensor with more than two axes; one empty label for a matrix alone."""
    if not outer:
        yield ""
        return
    for index in range(math.prod(outer)):
        place = []
        for size in reversed(outer):
            place.append(str(index % size))
            index //= size
        yield f"[{', '.join(reversed(place))}]"


def _parsed(source: str) -> _Tensor | None:
    """The numbers of a tensor, an array, a list, or of a bare number; None for anything else."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS and len(node.args) == 1:
        node = node.args[0]
    try:
        shape, leaves = _nested(node)
        numbers = tuple(_number(leaf) for leaf in leaves)
    except ValueError:
        return None
    return _Tensor(shape, numbers, tuple(_text(leaf, source) for leaf in leaves)) if numbers else None


def _nested(node: ast.expr) -> tuple[tuple[int, ...], list[ast.expr]]:
    if not isinstance(node, ast.List):
        return (), [node]
    parts = [_nested(element) for element in node.elts]
    if len({shape for shape, _ in parts}) != 1:
        raise ValueError("ragged or empty")
    return (len(parts), *parts[0][0]), [leaf for _, leaves in parts for leaf in leaves]


def _number(node: ast.expr) -> Number:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "float" and len(node.args) == 1:
        return float(ast.literal_eval(node.args[0]))
    value = ast.literal_eval(node)
    if not isinstance(value, (bool, int, float)):
        raise ValueError("no number")
    return value


def _text(node: ast.expr, source: str) -> str:
    if isinstance(node, ast.Call):
        return str(ast.literal_eval(node.args[0]))
    return ast.get_source_segment(source.strip(), node) or ast.unparse(node)
