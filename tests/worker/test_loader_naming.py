"""What a submission is about: the names that its code defines, and no others."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from grader.worker.loader import defined


def in_py(text: str) -> tuple[str, ...]:
    return defined([("hw1.py", text.encode())], ["f", "g"])


@pytest.mark.parametrize(
    "text",
    [
        "def f(): pass",
        "async def f(): pass",
        "f = g(1)",
        "from helpers import f",
        "if True:\n    def f(): pass",
        "class Solution:\n    def f(self): pass",
        "def outer():\n    def f(): pass",
        "def f(:\n    pass",
        "def f(x):\n    print 'x'",
        "def f(x):\n    a = 1\nreturn a",
        "exec('def f(): pass')",
        "globals()['f'] = lambda: 1",
        "class f: pass",
    ],
)
def test_code_that_defines_a_name_counts(text: str) -> None:
    """Also in the wrong place, or with a syntax error: the student means it."""
    assert in_py(text) == ("f",)


@pytest.mark.parametrize(
    "text",
    [
        "# def f(): pass",
        "'''\ndef f(): pass\n'''",
        "k = 'f'",
        "print('def f(): pass')",
        "f(1)",
        "def h():\n    '''Like f.'''\n    return f",
        "def ff(): pass",
        "x.f = 1",
    ],
)
def test_comments_strings_and_uses_do_not_count(text: str) -> None:
    """They ask for no exercise."""
    assert in_py(text) == ()


def test_stored_output_and_text_cells_of_a_notebook_do_not_count() -> None:
    """Only its code cells do."""
    cells = [
        {"cell_type": "markdown", "source": "def f(): pass\n"},
        {"cell_type": "code", "source": "def g(): pass\n", "outputs": [{"text": "def f(): pass\n"}]},
    ]
    content = json.dumps({"nbformat": 4, "metadata": {"note": "f"}, "cells": cells})
    assert defined([("hw1.ipynb", content.encode())], ["f", "g"]) == ("g",)


def test_files_that_cannot_be_read_define_nothing() -> None:
    """Nothing is raised for them."""
    assert defined([("hw1.py", b"\0\1"), ("hw1.ipynb", b"{"), ("a.txt", b"def f(): pass")], ["f"]) == ()
    assert defined([], ["f"]) == ()


def test_asking_needs_no_torch() -> None:
    """A command that only lists exercises stays quick."""
    code = "import sys; from grader.worker.loader import defined; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
