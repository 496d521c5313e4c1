"""A sheet that a learning platform exported: single cells are replaced, every other byte stays as it was.

The csv module gives values and forgets how they were written (quotes, line ends), so the text is read here with the
place of every cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import OutputError

_FIRST_CELL = re.compile(r'(?:"[^"]*(?:""[^"]*)*"|[^",;\t\r\n][^,;\t\r\n]*|)([,;\t])')


@dataclass(frozen=True)
class SheetCell:
    """A value, and where its text begins and ends."""

    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Exported:
    """The text of a sheet and its cells; `rows` are without the header and without empty lines."""

    text: str
    header: tuple[str, ...]
    rows: tuple[tuple[SheetCell, ...], ...]

    def values(self, row: int) -> list[str]:
        """The cells of one row, as many as the header has."""
        values = [cell.value for cell in self.rows[row][: len(self.header)]]
        return values + [""] * (len(self.header) - len(values))

    def fits(self, row: int) -> bool:
        """Whether the row has a cell for every column and no more."""
        return len(self.rows[row]) == len(self.header)

    def with_cells(self, values: Mapping[tuple[int, int], str]) -> str:
        """The text with some cells replaced: (row, column) -> value."""
        parts, place = [], 0
        for row, column in sorted(values):
            cell, value = self.rows[row][column], values[row, column]
            quoted = self.text.startswith('"', cell.start) or not re.fullmatch(r"[\w.]*", value)
            escaped = value.replace('"', '""')
            parts += [self.text[place : cell.start], f'"{escaped}"' if quoted else value]
            place = cell.end
        return "".join([*parts, self.text[place:]])


def read(path: Path) -> Exported:
    """A sheet in UTF-8, separated by commas, semicolons or tabs; raises OutputError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror}); name the sheet that was exported") from error
    except UnicodeDecodeError as error:
        raise OutputError(f"{path}: is not UTF-8; export it again as CSV (UTF-8)") from error
    start = 1 if text.startswith("\ufeff") else 0
    first = _FIRST_CELL.match(text, start)
    if first is None:
        raise OutputError(f"{path}: is no table; export the sheet as CSV again")
    header, *rows = _rows(text, start, first[1], path)
    return Exported(text, tuple(cell.value for cell in header), tuple(rows))


def _rows(text: str, place: int, delimiter: str, path: Path) -> list[tuple[SheetCell, ...]]:
    """All rows that are no empty line, the header first."""
    pattern = re.compile(
        rf'(?:"(?P<quoted>[^"]*(?:""[^"]*)*)"|(?P<plain>[^"{delimiter}\r\n][^{delimiter}\r\n]*|))'
        rf"(?P<end>{delimiter}|\r\n|\n|\r|\Z)"
    )
    rows: list[tuple[SheetCell, ...]] = []
    cells: list[SheetCell] = []
    while place < len(text) or cells:
        match = pattern.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            raise OutputError(f"{path}: is no table: line {line} has a quote that does not end a cell; export it again")
        quoted = match["quoted"]
        value = match["plain"] if quoted is None else quoted.replace('""', '"')
        cells.append(SheetCell(value, place, match.start("end")))
        place = match.end()
        if match["end"] != delimiter:
            if len(cells) > 1 or cells[0].value:
                rows.append(tuple(cells))
            cells = []
    return rows
