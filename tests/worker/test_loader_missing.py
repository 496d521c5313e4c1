"""What is not installed, or has no effect where it is graded, and is not needed to compute: it costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from grader.wire.outcome import Loaded
from grader.worker.loader import load
from tests.worker.conftest import load_py

MISSING = "is neither installed here nor among the files handed in"


def f_of(*lines: str) -> tuple[Callable[..., Any], Loaded]:
    """The function f of these lines."""
    functions, loaded = load_py("\n".join(lines))
    assert "f" in functions, loaded
    return functions["f"], loaded


@pytest.mark.parametrize(
    "lines",
    [
        ["def f(W: Float[Tensor, 'N D'] = 0, *a: Int, k: Int = 1, **b: Int) -> Float[Tensor, 'N']:", "    return 1"],
        ["def f():", "    def g(W: Float[Tensor, 'N']) -> Float: return 1", "    return g(0)"],
        [
            "class Layer:",
            "    width: Int = 1",
            "    def g(self, W: Float['N']): return 1",
            "def f(): return Layer().g(0)",
        ],
        ["k: Int = 1", "def f(): return k"],
        [
            "from dataclasses import dataclass",
            "@dataclass",
            "class C:",
            "    k: Float['N'] = 1",
            "def f(): return C().k",
        ],
        ["from typing import NamedTuple", "class C(NamedTuple):", "    k: Int = 1", "def f(): return C().k"],
        ["import numpy as np", "def f(W: np.float = 1) -> np.bool8_: return 1"],
    ],
)
def test_annotations_cost_nothing(lines: list[str]) -> None:
    """Whatever they name, in functions, methods, fields and variables: nothing is computed with them."""
    function, loaded = f_of("from no_such_types import Float, Int", *lines)
    assert function() == 1
    assert {note.message for note in loaded.notes} >= {
        "hw1.py, line 1: the module 'no_such_types' is not installed here; nothing graded uses it."
    }


def test_annotations_that_a_decorator_reads_are_there() -> None:
    """singledispatch registers by the annotation of the first parameter."""
    function, _ = f_of(
        "from functools import singledispatch",
        "class Own: pass",
        "@singledispatch",
        "def g(x): return 1",
        "@g.register",
        "def _(x: Own): return 2",
        "def f(): return g(1), [g(c()) for c in object.__subclasses__() if c.__name__ == 'Own'][-1]",
    )
    assert function() == (1, 2)


@pytest.mark.parametrize(
    "lines",
    [
        ["@njit", "def f(): return 1"],
        ["@njit(cache=True)", "def f(): return 1"],
        ["@numba.njit('f8(f8)')", "def f(): return 1"],
        ["import functools", "@functools.lru_cache", "@njit", "def f(): return 1"],
        ["def f():", "    @njit", "    def g(): return 1", "    return g()"],
        ["class Layer:", "    @njit", "    def g(self): return 1", "def f(): return Layer().g()"],
        ["@njit", "class Layer:", "    k = 1", "def f(): return Layer.k"],
        ["import functools", "@functools.lru_cache(njit)", "def f(): return 1"],
    ],
)
def test_decorators_of_missing_modules_are_left_out(lines: list[str]) -> None:
    """The function runs as it is written, and the note says so."""
    function, loaded = f_of("import no_such_numba as numba", "from no_such_numba import njit", *lines)
    assert function() == 1
    (message,) = {note.message for note in loaded.notes if "its decorators" in note.message}
    assert message.endswith(f": the module 'no_such_numba' {MISSING}; its decorators are left out.")


def test_a_missing_module_that_is_computed_with_is_said_as_such() -> None:
    """Beside its decorator."""
    function, loaded = f_of("import no_such", "@no_such.jit", "def f(): return no_such.k")
    with pytest.raises(ModuleNotFoundError):
        function()
    assert [note.message for note in loaded.notes] == [
        f"hw1.py, line 1: the module 'no_such' {MISSING}; what uses it cannot be graded."
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["@torch.compile", "def f(): return 1"],
        ["@torch.compile(mode='max-autotune', fullgraph=True)", "def f(): return 1"],
        ["def f(): return 1", "f = torch.compile(f, dynamic=True)"],
        ["from torch import compile as fast", "@fast", "def f(): return 1"],
    ],
)
def test_compiled_functions_run_as_they_are_written(lines: list[str]) -> None:
    """And torch.compile is itself again afterwards."""
    before = torch.compile
    function, loaded = f_of("import torch", *lines)
    assert function() == 1
    assert loaded.notes == ()
    assert torch.compile is before
    assert type(function).__name__ == "function"
    assert function.__code__.co_filename == "submission:hw1.py"


@pytest.mark.parametrize(
    "setting", ["torch.set_default_dtype(torch.float64)", "torch.set_default_device('cuda')", "set_default_dtype(k)"]
)
def test_a_setting_of_the_whole_process_is_said_to_have_no_effect(setting: str) -> None:
    """Inputs come in the type of the exercise; new tensors are of torch's own default."""
    function, loaded = f_of("import torch", setting, "def f(): return torch.zeros(1).dtype")
    assert function() is torch.float32
    assert [(note.kind, note.message) for note in loaded.notes] == [
        (
            "default_setting",
            f"hw1.py, line 2: `{setting}` has no effect on graded calls; "
            "each starts with torch's own default data type and device.",
        )
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_package_file_is_fine(content: bytes) -> None:
    """That is what most __init__.py are."""
    files = [("hw/pkg/__init__.py", content), ("hw/pkg/g.py", b"def g(): return 1")]
    functions, loaded = load([("hw/a.py", b"from pkg.g import g\ndef f(): return g()"), *files], ["f"])
    assert functions["f"]() == 1
    assert loaded.notes == ()
