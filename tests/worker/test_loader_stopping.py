"""Loops and assignments that compute for too long while a file is loaded: stopped, said, and never half used."""

from __future__ import annotations

import json
import sys

import pytest
import torch

from grader.exercise import Limits
from grader.sandbox import Sandbox
from grader.wire.outcome import Raised
from grader.wire.protocol import Target
from grader.worker.loader import load
from grader.worker.loader import running as loader_running
from grader.worker.loader.stopping import TookTooLong, stopped_after
from tests.worker.conftest import load_py

ENDLESS = "for step in range(10**12):"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader_running, "SETUP_SECONDS", 0.2)


def test_what_an_endless_loop_makes_has_no_value() -> None:
    """A function that reads it says so; what follows still runs, and the note names the line."""
    source = f"W = 0\n{ENDLESS}\n    W += 1\nk = [i for i in range(9)]\ndef f(): return W\ndef g(): return len(k)"
    functions, loaded = load_py(source, "f", "g")
    reason = f"hw1.py, line 2: `{ENDLESS}` computes for more than 0.2 s while the file is loaded"
    with pytest.raises(TimeoutError) as caught:
        functions["f"]() + 1
    assert str(caught.value) == f"W has no value ({reason})"
    assert functions["g"]() == 9
    assert [(note.kind, note.message) for note in loaded.notes] == [
        ("slow_statement", f"{reason}; it was stopped, and what it makes has no value.")
    ]


USES = (
    "W + 1;1 - W;-W;W @ x;x @ W;x * W;x + W;W[0];W < 1;W == 1;W != 1;float(W);int(W);bool(W);W.T;len(W);list(W);"
    "torch.exp(W);torch.stack([x, W]);torch.mm(x, W);torch.tensor(W);torch.where(x > 0, x, W);x.add_(W);"
    "F.linear(x, weight=W);np.exp(W);np.ones(2) * W;np.ones(2) @ W;np.stack([np.ones(2), W]);np.array([W]) * 2"
).split(";")


def test_every_use_of_what_has_no_value_says_why() -> None:
    """With numbers, arrays and tensors on either side, by operators and by functions."""
    imports = "import numpy as np, torch\nimport torch.nn.functional as F\n"
    names = [f"f{i}" for i in range(len(USES))]
    lines = "".join(f"def {name}(x): return {use}\n" for name, use in zip(names, USES, strict=True))
    functions, _ = load_py(f"{imports}W = 0\n{ENDLESS} W += 1\n{lines}", *names)
    for name in names:
        with pytest.raises(TimeoutError, match="W has no value"):
            functions[name](torch.ones(2, 2))


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("def fill(into):\n    while True: into.append(1)\nfill(log)", []),
        ("log.extend(x for x in iter(int, 1) if x)", []),
        (f"log.append(1)\n{ENDLESS}\n    pass", [1]),
    ],
)
def test_what_a_loop_may_have_changed_is_as_it_was_before(loop: str, expected: list[int]) -> None:
    """Everything else is made once more, without the statement that was stopped."""
    functions, _ = load_py(f"log = []\n{loop}\ndef f(): return log")
    assert functions["f"]() == expected


def test_the_same_file_gives_the_same_report() -> None:
    """However far a loop has come."""
    source = f"W = []\n{ENDLESS}\n    W = W + [step]\nf = W[0] if W else None\ndef g(): return W"
    reports = [load_py(source, "f", "g")[1] for _ in range(3)]
    assert reports[0] == reports[1] == reports[2]
    assert "W has no value" in reports[0].missing["f"]


def test_a_definition_that_takes_too_long_is_missing_with_the_reason() -> None:
    """Also where an earlier one of the name was whole."""
    functions, loaded = load_py("def f(): return 1\ndef f(k=sum(x for x in iter(int, 1))): return 2")
    assert not functions
    assert loaded.missing["f"] == (
        "f could not be defined. hw1.py, line 2: `def f(k=sum(x for x in iter(int, 1))): return 2` "
        "computes for more than 0.2 s while the file is loaded."
    )


@pytest.mark.parametrize("caught", ["Exception", "BaseException"])
def test_code_that_catches_everything_is_stopped_all_the_same(caught: str) -> None:
    """A handler around the loop does not make a whole of a half."""
    functions, _ = load_py(f"W = 0\ntry:\n    {ENDLESS} W += 1\nexcept {caught}:\n    W = 5\ndef f(): return W + 0")
    with pytest.raises(TimeoutError):
        functions["f"]()


def test_statements_run_at_their_native_speed() -> None:
    """Nothing looks at every line of them."""
    functions, _ = load_py("import sys\nk = [sys.gettrace() or sys.getprofile()]\ndef f(): return k")
    trace = sys.gettrace() or sys.getprofile()
    assert functions["f"]() == [trace]


def test_a_file_beside_it_has_a_time_of_its_own() -> None:
    """Its loop costs what needs it."""
    files = [
        ("a.py", b"from b import W, k\ndef f(): return k\ndef g(): return W + 1"),
        ("b.py", f"k = 1\nW = 0\n{ENDLESS} W += 1\n".encode()),
    ]
    functions, _ = load(files, ["f", "g"])
    assert functions["f"]() == 1
    with pytest.raises(TimeoutError, match="W has no value"):
        functions["g"]()


def test_inner_blocks_leave_the_outer_ones_their_time() -> None:
    """A block that is over in time changes nothing, and the outer one is still stopped."""
    inner = []

    def block() -> None:
        with stopped_after(0.2):
            with stopped_after(0.1) as timer:
                inner.append(timer)
            while True:
                pass

    with pytest.raises(TookTooLong):
        block()
    assert not inner[0].is_over


def test_loops_are_stopped_behind_the_wall(sandbox: Sandbox) -> None:
    """A worker may have the one timer that this needs."""
    source = f"W = 0\n{ENDLESS}\n    W += 1\ndef f(): return W + 0"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()
    with sandbox.session([("hw1.ipynb", notebook)], [Target.function("f")], Limits()) as session:
        outcome = session.call("f", [], 8, Limits())
    assert isinstance(outcome, Raised)
    assert outcome.type_name == "TimeoutError"
    assert outcome.message.startswith("W has no value (hw1.ipynb, cell 1, line 2: ")
