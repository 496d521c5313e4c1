"""Tables of the grader's own for spreadsheets, written so that no cell is ever run, and how points are written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_STARTS_FORMULA = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\x00-\x1f]")
_NUMBER = re.compile(r"^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*%?$")


def safe(value: str) -> str:
    """The value as text: what a spreadsheet would take for a formula gets an apostrophe, numbers and "-" stay."""
    if len(value) > 1 and _STARTS_FORMULA.match(value) and not _NUMBER.match(value):
        return "'" + value
    return value


def number(value: float | None, comma: bool = False) -> str:
    """Points as text without needless digits; blank for None, because unknown is not zero."""
    text = "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return text.replace(".", ",") if comma else text


@dataclass(frozen=True)
class Sheet:
    """A table as text."""

    header: list[str]
    rows: list[list[str]]

    def text(self) -> str:
        """As CSV; every cell is made safe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerows([safe(cell) for cell in row] for row in (self.header, *self.rows))
        return out.getvalue()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Sheet:
    """A table from any sequences of cells."""
    return Sheet(list(header), [list(row) for row in rows])
