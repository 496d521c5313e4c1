"""Tables for spreadsheets: read as they were exported, written so that no cell is ever run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import OutputError

_STARTS_FORMULA = re.compile(r"^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\x00-\x1f]")
_NUMBER = re.compile(r"^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*%?$")


def safe(value: str) -> str:
    """The value as text: what a spreadsheet would take for a formula gets an apostrophe, numbers and "-" stay."""
    if len(value) > 1 and _STARTS_FORMULA.match(value) and not _NUMBER.match(value):
        return "'" + value
    return value


def number(value: float | None, comma: bool = False) -> str:
    """Points as text without needless digits; blank for None, because unknown is not zero."""
    text = "" if value is None else f"{round(value, 4):g}"
    return text.replace(".", ",") if comma else text


@dataclass(frozen=True)
class Sheet:
    """A table as text; `delimiter` and `bom` are as in the file that it came from."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    bom: bool = False

    def text(self) -> str:
        """As CSV; every cell is made safe."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerows([safe(cell) for cell in row] for row in (self.header, *self.rows))
        return ("\ufeff" if self.bom else "") + out.getvalue()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Sheet:
    """A sheet of our own making."""
    return Sheet(list(header), [list(row) for row in rows])


def read(path: Path) -> Sheet:
    """An exported sheet, separated by commas, semicolons or tabs; raises OutputError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror}); name the sheet that was exported") from error
    except UnicodeDecodeError as error:
        raise OutputError(f"{path}: is not UTF-8; export it again as CSV (UTF-8)") from error
    bom, text = text.startswith("\ufeff"), text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:  # such as a quote that is never closed
        rows = []
    if not rows or len(rows[0]) < 2:
        raise OutputError(f"{path}: is no table; export the sheet as CSV again")
    width = len(rows[0])
    return Sheet(rows[0], [row + [""] * (width - len(row)) for row in rows[1:] if row], delimiter, bom)
