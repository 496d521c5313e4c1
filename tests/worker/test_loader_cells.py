"""Variables of notebook cells, computed from given ones: only the cells that they need run, and only these may fail."""

from __future__ import annotations

import json

import pytest
import torch

from grader.worker.loader import current_runs, load
from grader.worker.student import Student

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


def student_of(*cells: str, names: tuple[str, ...] = ("dlogits",)) -> Student:
    """A submission of one notebook with these cells."""
    content = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})
    objects, _ = load([("hw.ipynb", content.encode())], names)
    return Student(objects, current_runs())


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
