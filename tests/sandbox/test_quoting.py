"""What a worker says about the files is looked up in them, and the search is bounded whatever it says."""

from __future__ import annotations

import json

import pytest

from grader.sandbox import quoting
from grader.sandbox.quoting import Quotes

LINES = ["def f(x):", '    return x + "é\\n"', "    y = `x`"]
NOTEBOOK = {"cells": [{"cell_type": "code", "source": [line + "\n" for line in LINES]}]}
FILES = [("hw.py", "\n".join(LINES).encode()), ("hw.ipynb", json.dumps(NOTEBOOK, indent=1).encode())]


@pytest.mark.parametrize("place", ["hw.py", "hw.ipynb, cell 1"])
@pytest.mark.parametrize("code", ["def f(x):", 'return x + "é\\n"', "y = 'x'"])
def test_lines_of_the_files_are_found(place: str, code: str) -> None:
    """In a Python file and in a notebook, with what JSON escapes, and with backticks told as apostrophes."""
    assert Quotes(FILES).has_line(place, 2, code)


@pytest.mark.parametrize(
    ("place", "line", "code"),
    [
        ("hw.py", 4, "def f(x):"),
        ("hw.py", -1, "def f(x):"),
        ("hw.py", 1, "0.123"),
        ("0.123", 1, "def f(x):"),
        ("hw.ipynb, cell 12345", 1, "def f(x):"),
        ("hw.ipynb, cell ٣", 1, "def f(x):"),
        ("", 0, ""),
    ],
)
def test_what_the_files_do_not_bear_out_is_not(place: str, line: int, code: str) -> None:
    """A line beyond the file's end, code or a file that is not there, and a cell that is no short number."""
    assert not Quotes(FILES).has_line(place, line, code)


def test_names_are_found_in_any_file() -> None:
    """The name of a student's own exception stands in one of the files."""
    assert Quotes(FILES).has_text("f")
    assert not Quotes(FILES).has_text("g1234")


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many bytes nothing new is found; what was asked for before is still known, and costs nothing again."""
    monkeypatch.setattr(quoting, "MAX_SEARCHED_BYTES", 1000 * len(FILES[0][1]))
    quotes = Quotes(FILES[:1])
    for _ in range(10_000):
        assert quotes.has_line("hw.py", 1, "def f(x):")
    for number in range(10_000):
        assert not quotes.has_line("hw.py", 1, f"never said {number}")
    assert quotes.has_line("hw.py", 1, "def f(x):")
    assert not quotes.has_line("hw.py", 1, "y =")
