"""What arrives as a file: encodings, sizes, wrong formats, and the sentence for each that cannot be read."""

from __future__ import annotations

import codecs
import importlib.util
import json
import marshal
import zipfile
from io import BytesIO

import pytest

from grader.worker.loader import load
from grader.worker.loader import sources as loader_sources

GOOD = 'def f():\n    return "é"\n'


def problem_of(name: str, data: bytes) -> str:
    functions, loaded = load([(name, data)], ["f"])
    assert not functions
    assert loaded.missing == {"f": ""}
    return loaded.problem


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD.encode(), id="utf-8"),
        pytest.param(GOOD.encode("utf-8-sig"), id="byte-order mark"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(GOOD.replace("\n", "\r").encode(), id="CR"),
        pytest.param(("\f\n" + GOOD + "\f\n").encode(), id="form feed"),
        pytest.param(GOOD.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(GOOD.encode("utf-16"), id="utf-16"),
        pytest.param(codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"), id="utf-16 big endian"),
        pytest.param(GOOD.encode("utf-16-le"), id="utf-16 without mark"),
        pytest.param(GOOD.encode("utf-32"), id="utf-32"),
        pytest.param(b"# -*- coding: latin-1 -*-\n" + GOOD.encode("latin-1"), id="declared latin-1"),
        pytest.param(
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n" + GOOD.encode("cp1252"), id="declared cp1252"
        ),
        pytest.param(b"# coding: no-such-codec\n" + GOOD.encode(), id="unknown codec"),
        pytest.param(b"# coding: rot13\n" + GOOD.encode(), id="a codec that is no encoding"),
        pytest.param(GOOD.rstrip().encode(), id="no newline at the end"),
        pytest.param((GOOD + "\x1a").encode(), id="ends with Ctrl-Z"),
    ],
)
def test_every_way_to_save_a_source_file_works(data: bytes) -> None:
    """Encodings, byte-order marks and line ends make no difference."""
    functions, loaded = load([("hw1.py", data)], ["f"])
    assert "f" in functions, loaded
    assert functions["f"]() == "é"


def test_undeclared_latin_1_works_with_a_note() -> None:
    """An umlaut in a comment costs nothing."""
    functions, loaded = load([("hw1.py", "# Lösung\ndef f(): return 1".encode("latin-1"))], ["f"])
    assert functions["f"]() == 1
    assert loaded.notes[0].message == "hw1.py is not UTF-8 text; it was read as Latin-1. Save it as UTF-8 to be safe."


def zip_bytes() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hw1.py", GOOD)
    return buffer.getvalue()


PYC = importlib.util.MAGIC_NUMBER + b"\0" * 12 + marshal.dumps(compile("x = 1", "x", "exec"))
NOTEBOOK_START = b'{"cells": [{"cell_type": "code", "source": ["x = 1\\n", "y'
ITSELF = "hand in the .py or .ipynb file itself."
REMEDY = "save it in Jupyter or download it again as .ipynb, and hand that in."


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("hw1.py", b"", "hw1.py is empty; save your work and hand the file in again."),
        ("hw1.ipynb", b" \r\n\t ", "hw1.ipynb is empty; save your work and hand the file in again."),
        ("hw1.py", zip_bytes(), f"hw1.py is a zip archive or an Office document, not source code; {ITSELF}"),
        ("hw1.ipynb", b"%PDF-1.7\n\x00\x01", f"hw1.ipynb is a PDF, not source code; {ITSELF}"),
        ("hw1.py", b"{\\rtf1\\ansi def f(): pass}", f"hw1.py is a rich-text document, not source code; {ITSELF}"),
        (
            "hw1.py",
            PYC,
            "hw1.py is compiled Python (.pyc), not source code; hand in the .py file that it was made from.",
        ),
        ("hw1.py", bytes(range(256)) * 9, f"hw1.py is binary data, not source code; {ITSELF}"),
        ("hw1.py", codecs.BOM_UTF16_LE + b"a\0b", "hw1.py is damaged UTF-16 text; save it again as UTF-8."),
        (
            "hw1.py",
            codecs.BOM_UTF16_LE + b"a\0\0\0",
            "hw1.py contains NUL characters, it is damaged; save it again as UTF-8 text.",
        ),
        (
            "._hw1.py",
            b"\x00\x05\x16\x07rest",
            "._hw1.py is a file that macOS made beside the real one; hand in the one without `._`.",
        ),
        (
            "hw1.txt",
            b"def f(): pass",
            "hw1.txt is neither .py nor .ipynb; hand in your Python file or notebook under such a name.",
        ),
        ("hw1.ipynb", b"# My solution\n\n```python\nx\n```", f"hw1.ipynb is Markdown text, not a notebook; {REMEDY}"),
        ("hw1.ipynb", b"I did it", f"hw1.ipynb is plain text, not a notebook; {REMEDY}"),
        (
            "hw1.ipynb",
            b"<!DOCTYPE html><html>",
            "hw1.ipynb is a web page, not a notebook; download the raw file as .ipynb and hand that in.",
        ),
        ("hw1.ipynb", NOTEBOOK_START, f"hw1.ipynb is cut off in the middle; {REMEDY}"),
        ("hw1.ipynb", b'{"cells": [', f"hw1.ipynb is cut off in the middle; {REMEDY}"),
        (
            "hw1.ipynb",
            b'{\n "cells": [\n  oops,\n  {"source": "x"}\n ]\n}',
            f"hw1.ipynb is damaged: it stops being a notebook in line 3, at `oops,`; {REMEDY}",
        ),
        (
            "hw1.ipynb",
            b'{\n<<<<<<< HEAD\n "cells": [],\n=======\n "cells": []\n>>>>>>> b\n}',
            f"hw1.ipynb contains a merge conflict (<<<<<<<) and is no valid notebook; resolve it, then {REMEDY}",
        ),
        ("hw1.ipynb", b'{"a": 1}', f"hw1.ipynb is JSON, but no notebook: it has no cells; {REMEDY}"),
        ("hw1.ipynb", b"{}", f"hw1.ipynb is JSON, but no notebook: it has no cells; {REMEDY}"),
        ("hw1.ipynb", b'{"cells": []}', f"hw1.ipynb is a notebook without any cell; {REMEDY}"),
        ("hw1.ipynb", b'{"cells": 3}', f"hw1.ipynb is a notebook without any cell; {REMEDY}"),
        (
            "hw1.ipynb",
            b'{"cells": [{"cell_type": "code", "source": "1"}], "metadata": {"language_info": {"name": "R"}}}',
            "hw1.ipynb is a notebook in R, not in Python; hand in a Python notebook.",
        ),
        (
            "hw1.ipynb",
            b'{"cells": ' + b"[" * 200_000,
            "hw1.ipynb is nested too deeply to be read; hand in ordinary code.",
        ),
        (
            "hw1.py",
            b"x = [" + b"0, " * 800_000 + b"]",
            "hw1.py contains more than 2 MB of source code; take out data that is pasted into it.",
        ),
        (
            "evil\x1b[31m\n.py",
            b"",
            "evil\N{REPLACEMENT CHARACTER}[31m .py is empty; save your work and hand the file in again.",
        ),
    ],
)
def test_an_unreadable_file_is_named_with_its_remedy(name: str, data: bytes, problem: str) -> None:
    """One sentence: which file, what it is, what to do."""
    assert problem_of(name, data) == problem


def test_no_file_at_all_is_a_problem() -> None:
    """An empty submission says so."""
    assert load([], ["f"])[1].problem == "No file was handed in; hand in your .py or .ipynb file."


def test_an_unreadable_file_beside_a_good_one_is_a_note() -> None:
    """The good one is graded; what systems leave behind is passed over in silence."""
    files = [
        ("ana/hw1.py", GOOD.encode()),
        ("ana/hw2.ipynb", b""),
        ("ana/._hw1.py", b"\x00\x05\x16\x07"),
        ("ana/notes.txt", b"x"),
        ("ana/__MACOSX/hw1.py", b"junk"),
        ("ana/.ipynb_checkpoints/hw1-checkpoint.ipynb", b"junk"),
    ]
    functions, loaded = load(files, ["f"])
    assert functions["f"]() == "é"
    assert [note.message for note in loaded.notes] == [
        "ana/hw2.ipynb is empty; save your work and hand the file in again.",
        "ana/._hw1.py is a file that macOS made beside the real one; hand in the one without `._`.",
    ]


def test_a_notebook_named_py_and_the_other_way_round() -> None:
    """Both are read, with a note."""
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": GOOD}], "nbformat": 4, "metadata": {"a": None}})
    functions, loaded = load([("hw1.py", notebook.encode())], ["f"])
    assert functions["f"]() == "é"
    assert loaded.notes[0].message == "hw1.py is a notebook; it was read as such. Name it .ipynb."
    functions, loaded = load([("hw1.ipynb", GOOD.encode())], ["f"])
    assert functions["f"]() == "é"
    assert loaded.notes[0].message == "hw1.ipynb is Python source, not a notebook; it was read as such."


def test_a_notebook_too_large_for_the_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A MemoryError while reading names the file and the remedy."""

    class Exhausted:
        def raw_decode(self, _: str) -> None:
            raise MemoryError

    monkeypatch.setattr(loader_sources, "JSON", Exhausted())
    assert problem_of("hw1.ipynb", b'{"cells": []}') == (
        "hw1.ipynb is too large to be read; clear all outputs and hand it in again."
    )


BOMBS = {
    "parentheses": "(" * 100_000,
    "unary minus": "x = " + "-" * 200_000 + "1",
    "sum": "x = " + "+".join("1" * 200_000),
    "attributes": "x = a" + ".b" * 200_000,
    "calls": "x = a" + "()" * 100_000,
    "subscripts": "x = a" + "[0]" * 100_000,
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 20_000,
    "nested lists": "x = " + "[" * 99 + "]" * 99,
    "indentation": "\n".join(" " * n + "if 1:" for n in range(150)),
    "power": "x = 9**9**9",
    "repetition": "x = 'a' * 10**12",
    "digits": "x = " + "9" * 1_000_000,
    "fstring": "x = f'" + "{" * 500 + "1" + "}" * 500 + "'",
    "lambdas": "x = " + "lambda: " * 50_000 + "1",
    "unicode escapes": "x = '" + "\\N{BULLET}" * 50_000 + "'",
    "many statements": "a=1\n" * 100_000,
    "many broken lines": "a b\n" * 100_000,
    "many open brackets": "x = (\n" * 50_000,
    "many open strings": "x = '''a\n" * 20_001,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_beside_an_entry_point_costs_at_most_a_sentence(bomb: str) -> None:
    """Deep or wide source neither crashes the interpreter nor takes long, in a file of its own beside a good one."""
    files = [("hw1.py", GOOD.encode()), ("bomb.py", BOMBS[bomb].encode())]
    functions, _ = load(files, ["f"])
    assert functions["f"]() == "é"
    _, loaded = load([("bomb.py", (BOMBS[bomb] + "\ndef f(): return 1\n").encode())], ["f"])
    assert "f" in loaded.places or loaded.missing["f"] or loaded.problem or loaded.notes


def test_a_deeply_nested_cell_names_itself() -> None:
    """The sentence says which part cannot be read."""
    _, loaded = load([("hw1.py", b"def f():\n    return " + b"-" * 100_000 + b"1")], ["f"])
    assert loaded.missing["f"] == "f cannot be read. hw1.py is nested too deeply for Python to read it."
