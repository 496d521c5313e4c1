"""An exception of student code as plain text: their lines only, whatever the exception does."""

from __future__ import annotations

import json
import linecache
from typing import Any

import pytest

from grader.wire.outcome import Frame, Raised
from grader.worker.loader import describe, load
from grader.worker.loader.refusals import NO_INPUT


def raised_by(source: str, *arguments: object) -> Raised:
    functions, loaded = load([("hw1.py", source.encode())], ["f"])
    assert "f" in functions, loaded
    try:
        functions["f"](*arguments)
    except BaseException as error:
        return describe(error)
    raise AssertionError("nothing was raised")


def test_frames_are_the_students_own_with_line_and_text() -> None:
    """Neither frames of ours nor of torch, outermost first."""
    raised = raised_by(
        "import torch\ndef g(W):\n    return W @ torch.ones(3)  # here\ndef f():\n    return g(torch.ones(2))"
    )
    assert raised.type_name == "RuntimeError"
    assert raised.message.startswith("inconsistent tensor size")
    assert raised.frames == (
        Frame("hw1.py", 5, "return g(torch.ones(2))"),
        Frame("hw1.py", 3, "return W @ torch.ones(3)  # here"),
    )


def test_frames_name_the_cell_and_the_line_in_it() -> None:
    """In a notebook with magics the line is quoted as it was written, and helper modules have their own name."""
    cells = ["%matplotlib inline", "%time k = 1\n!ls\nfrom helpers import g\n\ndef f():\n    return g(k)"]
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})
    functions, _ = load([("hw1.ipynb", notebook.encode()), ("helpers.py", b"def g(x):\n    return x / 0")], ["f"])
    with pytest.raises(ZeroDivisionError) as caught:
        functions["f"]()
    assert describe(caught.value) == Raised(
        "ZeroDivisionError",
        "division by zero",
        (Frame("hw1.ipynb, cell 2", 6, "return g(k)"), Frame("helpers.py", 2, "return x / 0")),
    )


def test_endless_recursion_gives_few_frames() -> None:
    """The first and the last ten."""
    raised = raised_by("def f(): return f()")
    assert raised.type_name == "RecursionError"
    assert raised.message.startswith("maximum recursion depth exceeded")
    assert raised.frames == (Frame("hw1.py", 1, "def f(): return f()"),) * 20


def test_python_too_can_quote_the_lines() -> None:
    """inspect.getsource and the traceback module find the source of a notebook cell."""
    source = "import inspect, traceback\ndef f():\n    try: 1 / 0\n    except ZeroDivisionError:\n"
    source += "        return inspect.getsource(f), traceback.format_exc()"
    functions, _ = load([("hw1.py", source.encode())], ["f"])
    text, trace = functions["f"]()  # type: ignore[misc]
    assert text.startswith("def f():\n    try: 1 / 0\n")
    assert "    try: 1 / 0\n" in trace


HOSTILE = {
    "__str__ raises": "class E(Exception):\n    def __str__(self): raise ValueError('no')",
    "__str__ exits": "class E(Exception):\n    def __str__(self): raise SystemExit(0)",
    "__str__ recurses": "class E(Exception):\n    def __str__(self): return str(self)",
    "__str__ returns no string": "class E(Exception):\n    def __str__(self): return 3",
    "__str__ returns a strange string": (
        "class S(str):\n    def __getitem__(self, i): raise SystemExit\n    def __len__(self): return -1\n"
        "    def __iter__(self): raise SystemExit\n    def __format__(self, s): raise SystemExit\n"
        "class E(Exception):\n    def __str__(self): return S('fine')"
    ),
    "metaclass hides the name": (
        "class M(type):\n    __name__ = property(lambda c: 1 / 0)\n    def __getattribute__(c, n): raise SystemExit\n"
        "class E(Exception, metaclass=M): pass"
    ),
    "__traceback__ is hidden": "class E(Exception):\n    __traceback__ = property(lambda s: 1 / 0)",
    "__getattribute__ raises": "class E(Exception):\n    def __getattribute__(self, n): raise SystemExit",
    "__class__ lies": "class E(Exception):\n    __class__ = property(lambda s: int)",
    "BaseException": "class E(BaseException): pass",
    "long name": "E = type('E' * 100_000, (Exception,), {})",
    "control characters in the name": "E = type('E\\x1b[31m\\n\\ud800', (Exception,), {})",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_exception_is_described_all_the_same(kind: str) -> None:
    """Nothing escapes, nothing is endless, and the line is named."""
    raised = raised_by(f"{HOSTILE[kind]}\ndef f(): raise E('text')")
    assert 1 <= len(raised.type_name) <= 100
    assert len(raised.message) <= 500
    assert raised.frames[-1].code == "def f(): raise E('text')"
    for text in (raised.type_name, raised.message):
        text.encode()
        assert "\x1b" not in text
    if kind.startswith("__str__ ") and "strange" not in kind:
        assert raised.message == "(its message cannot be shown)"


def test_message_is_capped_and_printable() -> None:
    """500 characters; terminal codes, surrogates and direction marks are replaced, line ends stay."""
    raised = raised_by("def f(): raise ValueError('a\\nb\\x1b[31m\\ud800\\u202e' + 'x' * 10**7)")
    assert len(raised.message) == 500
    assert raised.message.startswith(
        "a\nb\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}x"
    )


def test_end_of_input_has_a_sentence() -> None:
    """Also where the real input() was called."""
    assert raised_by("def f(): input()").message == NO_INPUT
    assert describe(EOFError("EOF when reading a line")).message == NO_INPUT


@pytest.mark.parametrize("line", ["exit()", "quit(3)", "raise SystemExit"])
def test_leaving_the_program_is_explained(line: str) -> None:
    """An exit has no message of its own."""
    raised = raised_by(f"def f(): {line}")
    assert (raised.type_name, raised.message) == (
        "SystemExit",
        "exit(), quit() and sys.exit() end the program; take them out",
    )


def test_a_missing_file_has_to_be_handed_in() -> None:
    """A file that is not there keeps its error and gets the remedy; an error that lies about itself does no harm."""
    assert raised_by("def f(): open('data.csv')").message == (
        "[Errno 2] No such file or directory: 'data.csv' (only files that are handed in together can be read while "
        "your work is graded, and of data only small ones such as .json, .csv and .txt)"
    )
    hostile = "class E(OSError):\n    reason = property(lambda self: 1 / 0)\ndef f(): raise E(1, 'x')"
    assert raised_by(hostile).message == "(its message cannot be shown)"


def test_tampering_with_linecache_costs_the_frames_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the student breaks is theirs."""

    def broken(*_: Any) -> str:
        raise SystemExit

    functions, _ = load([("hw1.py", b"def f(): 1 / 0")], ["f"])
    with pytest.raises(ZeroDivisionError) as caught:
        functions["f"]()
    monkeypatch.setattr(linecache, "getline", broken)
    assert describe(caught.value) == Raised("ZeroDivisionError", "division by zero")


def test_an_error_of_ours_has_no_frames() -> None:
    """Frames outside of the submission are never shown."""
    with pytest.raises(TypeError) as caught:
        load(None, None)  # type: ignore[arg-type]
    assert describe(caught.value).frames == ()


LONG = "x = [" + ", ".join(["1"] * 120) + "]; 1 / 0"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("1 / 0", "1 / 0"),
        ("größe = 1 / 0", "größe = 1 / 0"),
        (LONG, LONG[:200].strip()),
        ("x = '\u202eabc' or 2; y = 1 / 0", "abc' or 2; y = 1 / 0"),
        ("x = 1 / 0  # 1\ufeff", "x = 1 / 0  # 1"),
    ],
)
def test_a_line_is_quoted_so_that_it_is_found_again(line: str, code: str) -> None:
    """A long line and one with odd characters lose what cannot be shown, and keep their place."""
    content = f"def f():\n    {line}\n"
    functions, _ = load([("hw1.py", content.encode())], ["f"])
    with pytest.raises(ZeroDivisionError) as caught:
        functions["f"]()
    (frame,) = describe(caught.value).frames
    assert frame == Frame("hw1.py", 2, code)
    assert code in content
