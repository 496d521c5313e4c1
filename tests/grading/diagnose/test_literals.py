"""Numbers and tensors as source that can be pasted."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from grader.cases.source import tensor_source, value_source
from grader.exercise import Exercise, Value
from grader.grading.diagnose.literals import pair_source
from grader.wire import tensors
from grader.wire.outcome import Array, Foreign, Outcome, Raised, Returned, Stopped

EXERCISE = Exercise(torch.relu, {"dW": Value()}, {}, "f")


def returned(value: Tensor) -> Returned:
    name = str(value.dtype).removeprefix("torch.")
    return Returned((Array(name, tuple(value.shape), tensors.raw_bytes(value)),), bare=True)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (torch.tensor([[1.0, -2.0]]), "torch.tensor([[1., -2.]])"),
        (torch.tensor([[1.0], [0.25]]), "torch.tensor([[1.], [0.25]])"),
        (torch.tensor([1, 2]), "torch.tensor([1, 2])"),
        (torch.tensor([True]), "torch.tensor([True])"),
        (torch.tensor(0.5), "torch.tensor(0.5)"),
        (torch.tensor([-0.0]), "torch.tensor([0.])"),
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T, "torch.tensor([[1., 2.], [3., 4.]]).T"),
        (torch.tensor([1.0, 9.0, 2.0, 9.0])[::2], "torch.tensor([1., 0., 2., 0.])[::2]"),
        (0.3, "0.3"),
        (2, "2"),
    ],
)
def test_inputs(value: Tensor | float, source: str) -> None:
    """Every input is written exactly, in its own memory layout."""
    assert value_source(value) == source
    again = torch.as_tensor(eval(source))  # noqa: S307
    assert torch.equal(again, torch.as_tensor(value))
    assert again.stride() == torch.as_tensor(value).stride()


def test_special_values() -> None:
    """NaN and infinity are written as Python reads them, an empty tensor by its shape, a large one in words."""
    assert tensor_source(torch.tensor([float("nan"), float("inf")]), 4) == "torch.tensor([float('nan'), float('inf')])"
    assert tensor_source(torch.zeros(0, 2), 4) == "torch.zeros((0, 2))"
    assert tensor_source(torch.zeros(50, 2), 4) == "a tensor of shape (50, 2)"


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (0.5, ("torch.tensor([0.1235])", "torch.tensor([0.5])")),
        (0.123457, ("torch.tensor([0.12345679])", "torch.tensor([0.123457])")),
    ],
)
def test_as_many_digits_as_needed(actual: float, expected: tuple[str, str]) -> None:
    """Four digits, or more where four would make wrong and right look alike."""
    wanted = torch.tensor([0.123456789], dtype=torch.float64)
    assert pair_source(EXERCISE, "dW", wanted, returned(torch.tensor([actual])))[0][:18] == expected[0][:18]
    assert (
        pair_source(EXERCISE, "dW", wanted, returned(torch.tensor([actual])))[0]
        != pair_source(EXERCISE, "dW", wanted, returned(torch.tensor([actual])))[1]
    )


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Raised("IndexError", "index 3 is out of range"), "IndexError: index 3 is out of range"),
        (Raised("KeyError", ""), "KeyError"),
        (Returned((Foreign("none", "None"),), bare=True), "None"),
        (Returned((Foreign("text", "sum"),), bare=True), "'sum'"),
        (Returned((Foreign("array", "a numpy array"),), bare=True), "a numpy array"),
        (Stopped("timed_out", ""), "nothing"),
    ],
)
def test_what_is_no_tensor(outcome: Outcome, text: str) -> None:
    """An exception with its text, None, a string, or what else it was."""
    assert pair_source(EXERCISE, "dW", torch.tensor([1.0]), outcome)[1] == text


def test_inputs_are_written_as_short_as_they_are_exact() -> None:
    """A float32 input is written with the digits that give it back, not with those of its float64 neighbour."""
    value = torch.tensor([0.7, 1 / 3, -2.0, 1e-7])
    text = value_source(value)
    assert text == "torch.tensor([0.7, 0.33333334, -2., 1e-07])"
    assert torch.equal(eval(text, {"torch": torch}), value)  # noqa: S307  # our own text
