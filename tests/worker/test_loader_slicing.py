"""What of a program runs: the entry points and everything that they reach by name, in program order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.worker.loader import load
from grader.worker.loader import running as loader_running
from tests.worker.conftest import load_py


def f_of(source: str) -> Callable[..., Any]:
    functions, loaded = load_py(source)
    assert "f" in functions, loaded
    return functions["f"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f(): return 1", 1, id="def"),
        pytest.param("f = lambda: 2", 2, id="lambda"),
        pytest.param("from functools import partial\ndef g(a): return a\nf = partial(g, 3)", 3, id="partial"),
        pytest.param("class C:\n    def __call__(self): return 4\nf = C()", 4, id="callable object"),
        pytest.param("def f(): return 1\ndef f(): return 2", 2, id="the last definition counts"),
        pytest.param("cfg = {}\ncfg['x'] = 5\ndef f(): return cfg['x']", 5, id="item assignment"),
        pytest.param("class O: pass\no = O()\no.a = 6\ndef f(): return o.a", 6, id="attribute assignment"),
        pytest.param("k = 1\nk += 6\ndef f(): return k", 7, id="augmented assignment"),
        pytest.param("k: int = 8\ndef f(): return k", 8, id="annotated assignment"),
        pytest.param("a, (b, *c) = 1, (2, 3, 4)\ndef f(): return c", [3, 4], id="unpacking"),
        pytest.param("from math import *\ndef f(): return floor(sqrt(81))", 9, id="star import"),
        pytest.param("if True:\n    def f(): return 10\nelse:\n    def f(): return 0", 10, id="conditional definition"),
        pytest.param(
            "try:\n    import no_such as m\nexcept ImportError:\n    import math as m\ndef f(): return m.ceil(10.5)",
            11,
            id="try import",
        ),
        pytest.param(
            "import contextlib\nwith contextlib.nullcontext(12) as k:\n    def f(): return k", 12, id="with block"
        ),
        pytest.param("def twice(g):\n    return lambda: 2 * g()\n@twice\ndef f(): return 7", 14, id="decorator"),
        pytest.param("def f(): return 7\ndef g(h): return lambda: h() + 8\nf = g(f)", 15, id="wrapped afterwards"),
        pytest.param("class A:\n    k = 16\nclass B(A): pass\ndef f(): return B().k", 16, id="classes"),
        pytest.param("class A: pass\nA.k = 16\nA.k += 1\ndef f(): return A.k", 17, id="patched class"),
        pytest.param("k = 18\ndef f(a=k): return a", 18, id="default argument"),
        pytest.param(
            "k = 19\ndef f():\n    def g(): return [k for _ in '1'][0]\n    return g()", 19, id="nested function"
        ),
        pytest.param("import torch.nn.functional as F\ndef f(): return F.relu.__name__", "relu", id="import as"),
        pytest.param("import os.path\ndef f(): return os.path.basename('a/b')", "b", id="dotted import"),
        pytest.param("k = 0\ndef set_k():\n    global k\n    k = 20\nset_k()\ndef f(): return k", 20, id="global"),
        pytest.param("def set_k():\n    global k\n    k = 21\nset_k()\ndef f(): return k", 21, id="global only"),
        pytest.param(
            "registry = {}\ndef register(g):\n    registry['g'] = g\n    return g\n"
            "@register\ndef anything(): return 22\ndef f(): return registry['g']()",
            22,
            id="registry filled by a decorator",
        ),
        pytest.param("layers = []\nlayers.append(23)\ndef f(): return layers[0]", 23, id="method call"),
        pytest.param(
            "a = [3, 1]\ndef sort_it(x): x.sort()\nsort_it(a)\ndef f(): return a", [1, 3], id="argument changed"
        ),
        pytest.param("t = {}\nfor i in range(3):\n    t[i] = i * i\ndef f(): return t[2]", 4, id="filled in a loop"),
        pytest.param("n = 0\nwhile n < 5:\n    n += 1\ndef f(): return n", 5, id="while"),
        pytest.param("if (n := 24):\n    pass\ndef f(): return n", 24, id="walrus"),
        pytest.param("match 25:\n    case n: pass\ndef f(): return n", 25, id="match"),
        pytest.param("globals()['k'] = 26\ndef f(): return k", 26, id="globals()"),
        pytest.param("exec('k = 27')\ndef f(): return k", 27, id="exec"),
        pytest.param("class O: pass\no = O()\nsetattr(o, 'a', 28)\ndef f(): return o.a", 28, id="setattr"),
        pytest.param("import numpy as np\nnp.flt = float\ndef f(): return np.flt(29)", 29.0, id="patched library"),
        pytest.param("k = 30\ndef f(): return globals()['k']", 30, id="name in a string"),
        pytest.param(
            "from __future__ import annotations\ndef f(x: NoSuchType = 31): return x", 31, id="postponed annotations"
        ),
        pytest.param(
            "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: 'int' = 32\ndef f(): return P().x",
            32,
            id="dataclass",
        ),
        pytest.param(
            "from functools import singledispatch\n@singledispatch\ndef g(x): return 0\n"
            "@g.register(int)\ndef _(x): return 33\ndef f(): return g(1)",
            33,
            id="singledispatch",
        ),
        pytest.param("def f(): return __name__", "hw1", id="module name"),
        pytest.param("x = 1; y = x + 1; f = lambda: y", 2, id="several statements in one line"),
    ],
)
def test_the_slice_holds_what_the_entry_point_needs(source: str, expected: object) -> None:
    """Each way in which Python defines or changes what a function uses is followed."""
    assert f_of(source)() == expected


@pytest.mark.parametrize(
    "elsewhere",
    [
        "while True: pass",
        "for step in range(10**12):\n    loss = f(W)",
        "import google.colab, matplotlib.pyplot as plt\nplt.plot(f)\nplt.show()",
        "raise SystemExit",
        "import sys\nsys.exit()",
        "import os\nos._exit(1)",
        "W = open('weights.bin').read()\nprint(W)",
        "assert f(1) == 2",
        "input('Press enter')",
        "print(f(1, 2, 3))",
        "def train():\n    while True: pass\ntrain()",
        "import torch\ntorch.set_default_dtype(torch.float64)",
        "if __name__ == '__main__':\n    f = None\n    raise SystemExit",
        "test(f)",
        "1 / 0",
        "del f",
        "x = await thing()",
    ],
)
def test_what_the_entry_point_does_not_need_does_not_run(elsewhere: str) -> None:
    """Training loops, plots, prints and tests beside an entry point neither run nor cost anything."""
    for source in (f"{elsewhere}\ndef f(W=0): return 1", f"def f(W=0): return 1\n{elsewhere}"):
        assert f_of(source)() == 1


def test_a_torch_module_instance_is_an_entry_point() -> None:
    """An nn.Module that is called like a function loads as it is."""
    source = "import torch\nclass Net(torch.nn.Module):\n    def forward(self, x): return x + 1\nf = Net()"
    assert f_of(source)(1) == 2


def test_async_and_generator_functions_load() -> None:
    """What they return is judged later."""
    functions, _ = load_py("async def f(): return 1\ndef g(): yield 1", "f", "g")
    assert set(functions) == {"f", "g"}


def test_sys_exit_in_the_slice_costs_nothing_when_the_definition_is_there() -> None:
    """SystemExit is caught where it is raised, and said."""
    source = "import sys\nk = 1\nif k:\n    k = 2\n    sys.exit('bye')\ndef f(): return k"
    functions, loaded = load_py(source)
    assert functions["f"]() == 2
    assert [note.message for note in loaded.notes] == [
        "hw1.py, line 3: `if k:` raised SystemExit: bye; it was left out."
    ]


def test_a_statement_that_raises_costs_only_what_needs_it() -> None:
    """Two entry points of one file: the one whose decorator fails is missing, with the reason."""
    functions, loaded = load_py("k = 1 / 0\n@k\ndef f(): pass\ndef g(): return 1", "f", "g")
    assert functions["g"]() == 1
    assert loaded.places == {"g": "hw1.py"}
    assert loaded.missing == {
        "f": "f could not be defined. hw1.py, line 1: `k = 1 / 0` raised ZeroDivisionError: division by zero."
    }


def test_a_missing_import_that_nothing_graded_uses_is_a_note() -> None:
    """It is not even tried."""
    functions, loaded = load_py("import tensorflow_nope as tf\ndef f(): return 1")
    assert functions["f"]() == 1
    assert [(note.kind, note.message) for note in loaded.notes] == [
        (
            "missing_import",
            "hw1.py, line 1: the module 'tensorflow_nope' is not installed here; nothing graded uses it.",
        )
    ]


def test_a_missing_import_is_raised_where_it_is_used() -> None:
    """A branch that does not use it works; one that does says what is missing."""
    functions, loaded = load_py("import no_such as n\ndef f(use):\n    return n.a if use else isinstance(1, n)")
    assert functions["f"](False) is False
    with pytest.raises(ModuleNotFoundError, match="'no_such' is neither installed here nor among the files handed in"):
        functions["f"](True)
    assert [note.message for note in loaded.notes] == [
        "hw1.py, line 1: the module 'no_such' is neither installed here nor among the files handed in; "
        "what uses it cannot be graded."
    ]


@pytest.mark.parametrize(
    "use",
    ["def f(a=njit.x): pass", "class f(njit): pass", "f = njit"],
)
def test_a_missing_import_is_the_reason_where_the_definition_needs_it(use: str) -> None:
    """Default, base class or the entry point itself."""
    functions, loaded = load_py(f"from no_such import njit\n{use}")
    assert not functions
    assert "the module 'no_such' is neither installed here nor among the files handed in" in loaded.missing["f"]


def test_only_the_needed_name_of_an_import_counts() -> None:
    """`import torch, no_such` costs nothing to whoever uses torch only."""
    functions, loaded = load_py(
        "import torch, no_such\nfrom math import floor, no_floor\ndef f(): return floor(1.5), torch"
    )
    assert functions["f"]()[0] == 1
    assert [note.kind for note in loaded.notes] == ["missing_import"]


def test_all_cells_run_when_the_slice_alone_does_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no reader of names can see is seen by running everything, which has a time limit."""
    monkeypatch.setattr(loader_running, "SETUP_SECONDS", 0.3)
    source = "made = []\nimport gc\ngc.get_referents(globals())[0:0]\n"
    source += "next(m for m in gc.get_referents([made])).append(lambda: 7)\nf = made[0]\n1 / 0\nwhile True: pass\n"
    functions, loaded = load_py(source + "def g(): return 8", "f", "g", "h")
    assert functions["f"]() == 7
    assert functions["g"]() == 8
    assert loaded.missing == {"h": ""}


def test_input_says_why_it_cannot_answer() -> None:
    """Inside a graded function, too."""
    with pytest.raises(EOFError, match="input\\(\\) has nobody to ask while your work is graded"):
        f_of("def f(): return input('x?')")()


def test_notebook_helpers_are_there_and_do_nothing() -> None:
    """`display` and `get_ipython` inside a graded function do not fail."""
    assert f_of("def f():\n    display(1)\n    return get_ipython()")() is None


def test_a_value_is_no_function() -> None:
    """The sentence names the type and the place."""
    _, loaded = load_py("f = 3")
    assert (
        loaded.missing["f"]
        == "f is not a function but a value of type int (hw1.py, line 1); give the value another name."
    )


@pytest.mark.parametrize("text", ["f = 3", "class C: pass\nf = C()", "f = [1]", "from math import pi as f"])
def test_an_object_that_is_no_function_is_returned_and_missing_as_a_function(text: str) -> None:
    """Variables and instances are there for whoever asks for them; an entry point that is called has its sentence."""
    objects, loaded = load_py(text)
    assert objects["f"] is not None
    assert loaded.places == {}
    assert "f is not a function but a value of type" in loaded.missing["f"]


def test_a_class_is_an_entry_point() -> None:
    """It is what the name is bound to, not an instance of it."""
    objects, loaded = load_py("class f:\n    k = 1")
    assert isinstance(objects["f"], type)
    assert loaded.places == {"f": "hw1.py"}


def test_a_function_goes_before_a_value_of_the_same_name_in_another_file() -> None:
    """And the value of the file that is taken first goes before the others."""
    files = [("a.ipynb", b'{"cells": [{"cell_type": "code", "source": "f = 1"}]}'), ("b.py", b"def f(): return 2")]
    objects, _ = load(files, ["f"])
    assert objects["f"]() == 2
    objects, _ = load([("a.py", b"f = 1"), ("b.py", b"f = 2")], ["f"])
    assert objects["f"] == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def g(): pass", ""),
        (
            "class S:\n    def f(self): pass",
            "f stands inside the class S (hw1.py, line 2); move it out, to the left margin.",
        ),
        (
            "def g():\n    def f(): pass",
            "f stands inside the function g (hw1.py, line 2); move it out, to the left margin.",
        ),
    ],
)
def test_an_absent_entry_point_says_where_it_may_be(source: str, reason: str) -> None:
    """Simply absent is "", a definition in the wrong place is named."""
    assert load_py(source)[1].missing == {"f": reason}


@pytest.mark.parametrize(
    ("source", "wanted", "other"),
    [
        ("x = 1\ndef batchedBackward(): pass", "batched_backward", "batchedBackward"),
        ("x = 1\nclass linear: pass", "Linear", "linear"),
        ("import torch\nclass LinearLayer: pass", "Linear", "LinearLayer"),
        ("x = 1\ndef my_relu_forward(): pass", "relu_forward", "my_relu_forward"),
    ],
)
def test_a_misspelt_entry_point_is_pointed_out(source: str, wanted: str, other: str) -> None:
    """Another case, a missing underscore, a word more; functions and classes."""
    assert load_py(source, wanted)[1].missing[wanted] == (
        f"There is no {wanted}, but hw1.py, line 2 defines {other}; if it is meant, rename it to {wanted}."
    )


def test_a_name_that_only_shares_letters_is_not_meant() -> None:
    """A short name is part of many."""
    assert load_py("def buffer(): pass\ndef other(): pass", "buf")[1].missing == {"buf": ""}


def test_several_definitions_are_said() -> None:
    """A note says that the last one was graded."""
    _, loaded = load_py("def f(): return 1\ndef f(): return 2")
    assert [(note.kind, note.message) for note in loaded.notes] == [
        ("redefined", "f is defined 2 times; the last one that works (hw1.py, line 2) was graded.")
    ]
