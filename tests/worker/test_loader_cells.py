"""Variables of notebook cells, computed from given ones: only the cells that they need run, and only these may fail."""

from __future__ import annotations

import json

import pytest
import torch

from grader.exercise import Limits
from grader.sandbox import Sandbox
from grader.wire.outcome import Evidence, NotDefined, Used
from grader.wire.protocol import MAX_SUSPICIONS, Target
from grader.worker.loader import current_runs, load
from grader.worker.student import StudentNames

FORWARD = """import torch
W = torch.ones(2)
parameters = [W]
for p in parameters: p.requires_grad = True
logits = x * W
loss = logits.sum()
for p in parameters: p.grad = None
for t in [logits, loss]: t.retain_grad()
loss.backward()
for p in parameters: p.data += -0.1 * p.grad
"""


def notebook(*cells: str) -> bytes:
    """A notebook with these cells."""
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


def student_of(*cells: str) -> StudentNames:
    """A submission of one notebook with these cells."""
    objects, _ = load([("hw.ipynb", notebook(*cells))], ["dlogits"])
    return StudentNames(objects, current_runs())


OWN = ["dlogits = torch.ones_like(logits)", "scale = W * 0 + 1\ndlogits = logits * 0 + scale"]


@pytest.mark.parametrize("own", OWN)
def test_training_beside_the_cells_does_not_fail_them(own: str) -> None:
    """Loops that prepare a comparison may raise on what is given; only what computes the variable counts."""
    given = torch.ones(2)
    result = student_of(FORWARD, own).run("dlogits", x=torch.ones(2), logits=given)
    assert result.detach().tolist() == [1, 1]
    assert given.grad is None


def test_what_a_variable_is_computed_from_may_not_fail() -> None:
    """The exception is the student's."""
    student = student_of("k = 1 / 0\n", "dlogits = k * 2")
    with pytest.raises(ZeroDivisionError):
        student.run("dlogits")


def test_an_element_that_a_loop_cannot_set_is_told() -> None:
    """A variable that is half made is not used."""
    student = student_of("dlogits = [0, 0]\nfor i in range(3): dlogits[i] = 1")
    with pytest.raises(IndexError):
        student.run("dlogits")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": "dlogits = None", "b.py": "dlogits = 2"}, 2),
        ({"a.py": "dlogits = ...", "b.py": "dlogits: int = 2"}, 2),
        ({"a.py": "dlogits = 1", "b.py": "dlogits = 2\ndh = 3"}, 2),
        ({"a.py": "dlogits = 1", "b.ipynb": "dlogits = 2"}, 2),
        ({"a.py": "dlogits = 2", "b.py": "dlogits = 3"}, 2),
    ],
    ids=["not filled in", "three dots", "more of what is asked", "the notebook", "the order"],
)
def test_the_best_file_gives_the_variable(files: dict[str, str], expected: int) -> None:
    """The order of preference is that of functions."""
    contents = [(name, notebook(text) if name.endswith("ipynb") else text.encode()) for name, text in files.items()]
    load(contents, [])
    assert StudentNames({}, current_runs(), ["dlogits", "dh"]).run("dlogits") == expected


CELLS = Target(
    "cells",
    (),
    ("dlogits", "dW", "dh"),
    "def use(student, logits):\n"
    "    known = {'logits': logits}\n"
    "    yield {'dlogits': lambda: student.run('dlogits', **known)}\n"
    "    yield {'dW': lambda: student.run('dW', **known)}\n"
    "    yield {'dh': lambda: student.run('dh', **known)}\n",
    variables=("dlogits", "dW", "dh"),
    given=("logits",),
)


def test_cells_are_read_for_what_is_suspicious(sandbox: Sandbox) -> None:
    """What computes a variable is read; what computes a given one never counts, and is not."""
    content = notebook(
        "import torch\nlogits = torch.autograd.grad(1, 2)",
        "dlogits = torch.autograd.grad(logits, logits)",
        "dW = logits * 2",
        "dh = (logits",
    )
    with sandbox.session([("hw.ipynb", content)], [CELLS], Limits()) as session:
        read = [(each.entry_point, each.kind, each.text) for each in session.loaded.evidence]
    code = "dlogits = torch.autograd.grad(logits, logits)"
    assert read == [("dlogits", "autograd", f"the source calls autograd, hw.ipynb, cell 2, line 1: `{code}`")]


def test_the_suspicions_of_the_last_function_are_not_lost() -> None:
    """What does not fit into a report is the eighth of the first function, not the first of the last."""
    lines = "".join(f"    loss{i}.backward()\n" for i in range(9))
    names = [f"f{i}" for i in range(40)]
    told: list[Evidence] = []
    load([("hw.py", "".join(f"def {name}(loss):\n{lines}" for name in names).encode())], names, told.extend)
    assert {each.entry_point for each in told[:MAX_SUSPICIONS]} == {*names}


def test_a_variable_in_a_broken_cell_is_missing_with_the_reason(sandbox: Sandbox) -> None:
    """The cell and the syntax error are named."""
    use = CELLS.use.replace("logits):", "):").replace("'logits': logits", "")
    content = notebook("dlogits = 1.0", "dW = 2.0", "dh = (3.0")
    with sandbox.session(
        [("hw.ipynb", content)], [Target("cells", (), CELLS.outputs, use, CELLS.variables)], Limits()
    ) as s:
        outcome = s.call("cells", [], 8, Limits())
    assert isinstance(outcome, Used)
    missing = outcome.results["dh"]
    assert isinstance(missing, NotDefined)
    assert missing.detail == (
        "dh cannot be read. hw.ipynb, cell 3, line 1: syntax error ('(' was never closed) in `dh = (3.0`."
    )


@pytest.mark.parametrize(
    "change",
    [
        "y = x\ny[0] = 5",
        "def fill(a):\n    a[0] = 5\n    return a\ny = fill(x)",
        "y = x.view(-1)\ny += 5",
        "x = x * 5\ny = x",
        "for y in [x]: y.zero_()",
    ],
)
def test_a_given_variable_keeps_its_value(change: str) -> None:
    """Whatever a cell does to it, under whatever name; and the next variable starts from it again."""
    student = student_of(f"import torch\n{change}", "dlogits = x + 0 * y.sum()", "dx = x")
    given = torch.ones(2)
    for name in ("dlogits", "dx", "dlogits"):
        assert student.run(name, x=given).tolist() == [1, 1]
    assert given.tolist() == [1, 1]


class Counted:
    """A value that knows how often it was copied."""

    def __init__(self) -> None:
        self.copies = 0

    def __deepcopy__(self, memo: object) -> int:
        self.copies += 1
        return 2


def test_only_what_is_looked_up_is_copied() -> None:
    """A notebook of many variables is computed without copying each of them for each other."""
    student = student_of("dlogits = x * 3", "dh = y * 3")
    given = {name: Counted() for name in "xyz"}
    assert student.run("dlogits", **given) == 6
    assert [value.copies for value in given.values()] == [1, 0, 0]
