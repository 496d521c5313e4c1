"""Several files in one submission: helper modules, files of the same name, and which one an entry point comes from."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import pytest
import torch

from grader.wire.outcome import Loaded
from grader.worker.loader import load


def load_texts(*names: str, **texts: str) -> tuple[dict[str, Any], Loaded]:
    """Files by keyword: `hw1_py`, `hw1_ipynb` (one cell), `pkg__helpers_py` for pkg/helpers.py."""
    files = []
    for key, text in texts.items():
        stem, _, suffix = key.rpartition("_")
        cell = json.dumps({"cells": [{"cell_type": "code", "source": text}]})
        files.append((f"{stem.replace('__', '/')}.{suffix}", (cell if suffix == "ipynb" else text).encode()))
    return load(files, names or ("f",))


HELPERS = "import no_such_module\nprint('loaded')\nk = 5\ndef g(): return k\ndef h(): return 6\nwhile True: pass\n"


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("from helpers import g\ndef f(): return g()", 5),
        ("from helpers import g as q\ndef f(): return q()", 5),
        ("import helpers\ndef f(): return helpers.g() + helpers.k", 10),
        ("import helpers as h\ndef f(): return h.g()", 5),
        ("from helpers import *\ndef f(): return g() + h()", 11),
        ("def f():\n    from helpers import g\n    return g()", 5),
        ("from .helpers import g\ndef f(): return g()", 5),
        ("from . import helpers\ndef f(): return helpers.g()", 5),
        ("import importlib\ndef f(): return importlib.import_module('helpers').g()", 5),
        ("import sys\nsys.path.append('..')\nfrom helpers import g\ndef f(): return g()", 5),
    ],
)
def test_a_helper_module_is_importable(use: str, expected: int) -> None:
    """From bytes, by every form of import, and its own training loop does not run."""
    functions, loaded = load_texts(hw1_py=use, helpers_py=HELPERS)
    assert functions["f"]() == expected
    assert loaded.places == {"f": "hw1.py"}


def test_a_notebook_imports_the_module_beside_it() -> None:
    """The usual layout of an assignment."""
    functions, loaded = load_texts(hw1_ipynb="from helpers import g\ndef f(): return g()", helpers_py=HELPERS)
    assert functions["f"]() == 5
    assert loaded.places == {"f": "hw1.ipynb, cell 1"}


def test_helpers_in_folders_are_importable() -> None:
    """As a package, relative to each other, and by last name where the student changed sys.path."""
    main = "from pkg.deep.m import g\nimport pkg.n\nfrom n import n\ndef f(): return g() + pkg.n.n() + n()"
    functions, loaded = load_texts(
        sub__hw1_py=main,
        sub__pkg__n_py="def n(): return 1",
        sub__pkg__deep__m_py="from ..n import n\ndef g(): return n() + 1",
    )
    assert functions["f"]() == 4, loaded


def test_helpers_may_import_each_other() -> None:
    """A circle of imports works, as the names are made when they are asked for."""
    functions, _ = load_texts(
        hw1_py="from a import x\ndef f(): return x()",
        a_py="from b import y\ndef x(): return y()\nz = 3",
        b_py="from a import z\ndef y(): return z",
    )
    assert functions["f"]() == 3


def test_a_helper_that_was_not_handed_in_is_said() -> None:
    """When it is used."""
    functions, _ = load_texts(hw1_py="from my_utils import g\ndef f(): return g()")
    with pytest.raises(ModuleNotFoundError, match="'my_utils' is neither installed here nor among the files handed in"):
        functions["f"]()


def test_a_name_that_a_helper_lacks_or_fails_to_define_is_said() -> None:
    """The import's error carries the reason."""
    functions, _ = load_texts(hw1_py="from helpers import nothing\ndef f(): return nothing()", helpers_py=HELPERS)
    with pytest.raises(ImportError, match="cannot import name 'nothing' from 'helpers'"):
        functions["f"]()
    functions, _ = load_texts(hw1_py="from helpers import g\ndef f(): return g()", helpers_py="g = 1 / 0")
    with pytest.raises(
        ImportError, match=r"helpers\.py, line 1: `g = 1 / 0` raised ZeroDivisionError: division by zero"
    ):
        functions["f"]()


@pytest.mark.parametrize("library", ["torch", "numpy", "random"])
def test_a_file_named_like_a_library_does_not_shadow_it(library: str) -> None:
    """The library stays what it is, the entry points in the file load, and a note says to rename it."""
    before = sys.modules[library]
    text = f"import {library}\ndef f(): return {library}\n"
    functions, loaded = load([(f"{library}.py", text.encode())], ["f"])
    assert functions["f"]() is before is sys.modules[library]
    assert before in (torch, sys.modules["numpy"], random)
    assert [(note.kind, note.message) for note in loaded.notes] == [
        (
            "library_name",
            f"{library}.py has the name of a library, so `import {library}` gives the library; rename your file.",
        )
    ]


def test_the_notebook_goes_before_the_py_of_the_same_name() -> None:
    """When both define as much, and a note says so."""
    for order in (("ana_py", "ana_ipynb"), ("ana_ipynb", "ana_py")):
        functions, loaded = load_texts(**{key: f"def f(): return '{key}'" for key in order})
        assert functions["f"]() == "ana_ipynb"
        assert loaded.places == {"f": "ana.ipynb, cell 1"}
        assert [(note.kind, note.message) for note in loaded.notes] == [
            ("chosen_file", "f stands in ana.ipynb and in ana.py; the one in ana.ipynb was graded.")
        ]


def test_the_file_that_defines_more_goes_first() -> None:
    """Each entry point says where it came from."""
    functions, loaded = load_texts(
        "f", "g", ana_py="def f(): return 1\ndef g(): return 1", ana_ipynb="def f(): return 2"
    )
    assert functions["f"]() == 1
    assert loaded.places == {"f": "ana.py", "g": "ana.py"}


def test_an_untouched_stub_goes_behind_a_filled_in_one() -> None:
    """A student who fills in one of the two files that the course hands out is graded on that one."""
    for body in (
        '"""Your work."""\n    dW = None\n    return dW, None',
        "raise NotImplementedError()",
        "raise NotImplementedError",
        "pass",
        "...",
        "return",
    ):
        functions, _ = load_texts(ana_ipynb=f"def f():\n    {body}\n", ana_py="def f(): return 1")
        assert functions["f"]() == 1
    functions, _ = load_texts(ana_ipynb="def f(): return 0", ana_py="def f(): return 1")
    assert functions["f"]() == 0


def test_the_other_file_helps_out_where_the_first_fails() -> None:
    """A definition that raises in one file is taken from the other."""
    functions, loaded = load_texts(ana_ipynb="def f(a=1/0): return a", ana_py="def f(): return 1")
    assert functions["f"]() == 1
    assert loaded.places == {"f": "ana.py"}


def test_an_earlier_submission_leaves_nothing_behind() -> None:
    """Neither its modules nor its source lines."""
    load_texts(hw1_py="from helpers import g\ndef f(): return g()", helpers_py=HELPERS)
    assert "helpers" in sys.modules
    load_texts(hw1_py="from helpers import g\ndef f(): return g()")
    assert "helpers" not in sys.modules
