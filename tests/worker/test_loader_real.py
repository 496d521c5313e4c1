"""Whole files as real courses' students hand them in: what is graded of them is what their functions deserve."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from grader.wire.outcome import Loaded
from grader.worker.loader import load

MISSING = "is neither installed here nor among the files handed in"
IMPORTS = """from builtins import range
import numpy as np
from .layers import *
from cs231n.fast_layers import *
from past.builtins import xrange
"""
OTHERS = "".join(
    f"""
def layer{i}_forward(x, w):
    out = layer{i}_helper(x).dot(w)  # a helper that is not handed in
    cache = (x, w)
    return out, cache
"""
    for i in range(28)
)
ASKED = """
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = locals()
    return out, cache

def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, dout.sum(0)
"""
PYTHON_2 = """
print "testing"
for i in xrange(3):
    print i, affine_forward
if True:
    print "x"
def old(params):
    for k, v in params.iteritems():
        print k, v
exec "a = 1"
def older():
    raise ValueError, "x"
try:
    affine_forward()
except TypeError, e:
    pass
"""
COMPARISON = """
x, w, b = np.ones((2, 3)), np.ones((3, 2)), np.zeros(2)
def affine_naive(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    for i in range(x.shape[0]):
        out[i] = x[i].dot(w) + b
    return out
difference = np.abs(affine_naive(x, w, b) - affine_forward(x, w, b)[0]).max()
assert difference < 1e-8
print('difference', difference)
"""


def load_text(text: str, *names: str, notebook: bool = False) -> tuple[dict[str, Any], Loaded]:
    """The asked functions of a file of this text, or of a notebook with one cell for each blank-line block."""
    names = names or ("affine_forward", "affine_backward")
    if not notebook:
        return load([("hw/mylayers.py", text.encode())], names)
    cells = [{"cell_type": "code", "source": part} for part in text.split("\n\n")]
    return load(
        [("hw/my.ipynb", json.dumps({"cells": cells}).encode())], names or ("affine_forward", "affine_backward")
    )


def check_right(functions: dict[str, Any]) -> None:
    """Forward and backward of the affine layer against numbers worked out by hand."""
    x, w, b = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([5.0])
    out, cache = functions["affine_forward"](x, w, b)
    assert out.tolist() == [[16.0]]
    dx, dw, db = functions["affine_backward"](np.array([[2.0]]), cache)
    assert (dx.tolist(), dw.tolist(), db.tolist()) == ([[6.0, 8.0]], [[2.0], [4.0]], [2.0])


@pytest.mark.parametrize("notebook", [False, True], ids=["py", "ipynb"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(IMPORTS + OTHERS + ASKED, id="thirty functions"),
        pytest.param(IMPORTS + PYTHON_2 + OTHERS + ASKED, id="Python 2 before them"),
        pytest.param(IMPORTS + OTHERS + ASKED + PYTHON_2, id="Python 2 after them"),
        pytest.param(IMPORTS + ASKED + COMPARISON, id="naive against vectorised"),
        pytest.param(IMPORTS + COMPARISON + ASKED, id="a comparison that fails"),
        pytest.param(IMPORTS + PYTHON_2 + OTHERS + ASKED + COMPARISON + PYTHON_2, id="all of it"),
    ],
)
def test_two_functions_of_a_whole_file(text: str, notebook: bool) -> None:
    """Helpers that are missing, Python 2 elsewhere and comparisons at the top level cost nothing."""
    functions, loaded = load_text(text, notebook=notebook)
    assert loaded.missing == {}
    check_right(functions)


def test_relative_and_package_imports_that_are_not_handed_in_are_said_to_be_unused() -> None:
    """They cannot have given anything that the functions use."""
    _, loaded = load_text(IMPORTS + ASKED)
    assert [note.message for note in loaded.notes] == [
        f"hw/mylayers.py, line 3: the module 'layers' {MISSING}; nothing graded uses it.",
        f"hw/mylayers.py, line 4: the module 'cs231n' {MISSING}; nothing graded uses it.",
        "hw/mylayers.py, line 5: the module 'past' is not installed here; nothing graded uses it.",
    ]


def test_a_helper_of_a_star_import_that_is_not_handed_in_is_said_to_be_missing() -> None:
    """The call raises, and the note names the import that would have given it."""
    functions, loaded = load_text(IMPORTS + OTHERS, "layer0_forward")
    with pytest.raises(NameError, match="layer0_helper"):
        functions["layer0_forward"](1, 2)
    assert f"hw/mylayers.py, line 3: the module 'layers' {MISSING}; what uses it cannot be graded." in [
        note.message for note in loaded.notes
    ]


def test_python_2_inside_an_asked_function_is_said_of_that_function() -> None:
    """And of no other."""
    text = IMPORTS + ASKED.replace("    dx =", "    print 'x', x.shape\n    dx =")
    functions, loaded = load_text(text)
    assert set(functions) == {"affine_forward"}
    assert loaded.missing["affine_backward"] == (
        "affine_backward cannot be read. hw/mylayers.py, line 14: this is Python 2 (`print 'x', x.shape`); "
        "write it for Python 3."
    )


def test_a_helper_file_with_python_2_gives_its_other_functions() -> None:
    """Imported by its relative name."""
    files = [
        ("hw/layers.py", (PYTHON_2 + ASKED).encode()),
        ("hw/main.py", b"from .layers import *\nimport numpy as np\ndef f(x, w, b): return affine_forward(x, w, b)[0]"),
    ]
    functions, loaded = load(files, ["f"])
    assert functions["f"](np.ones((1, 2)), np.ones((2, 1)), np.zeros(1)).tolist() == [[2.0]], loaded


@pytest.mark.parametrize(
    "cache",
    [
        "locals()",
        "dict(locals())",
        "{**locals()}",
        "{k: v for k, v in locals().items()}",
        "vars()",
        "globals() and locals()",
    ],
)
def test_a_cache_may_be_all_local_variables(cache: str) -> None:
    """However it is taken."""
    functions, _ = load_text(IMPORTS + ASKED.replace("locals()", cache))
    check_right(functions)
