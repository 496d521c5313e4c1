"""What counts as the right answer: every kind of result gets its verdict and its sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.oracle import Expected
from grader.exercise import Exercise, Value
from grader.grading.compare import agrees, compare, judge, resembles, slack, to_tensor
from grader.wire import tensors
from grader.wire.outcome import (
    NO_RETURN,
    NONE_VALUE,
    Array,
    Foreign,
    Frame,
    Item,
    NotDefined,
    Outcome,
    Raised,
    Returned,
    Stopped,
)

STANDARD = {"torch": "tensor", "numpy": "array", "python": "list"}
RIGHT = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def expected(value: Tensor = RIGHT, tolerance: float = 1e-6) -> Expected:
    if value.dtype == torch.bool:
        return Expected(value, torch.zeros(value.shape, dtype=torch.float64))
    return Expected(value.double(), torch.full(value.shape, tolerance, dtype=torch.float64))


def array(value: Tensor) -> Array:
    return Array(str(value.dtype).removeprefix("torch."), tuple(value.shape), tensors.raw_bytes(value))


def verdict(item: Item, right: Expected | None = None, **options: Any) -> tuple[str, str, str]:
    exercise = Exercise(torch.relu, {"dW": Value()}, {}, "f", **options)
    judgement = compare(exercise, "dW", item, right or expected())
    return judgement.verdict, judgement.kind, judgement.message


def test_right() -> None:
    """Within the tolerance of every element."""
    assert verdict(array(RIGHT)) == ("passed", "right", "")
    assert verdict(array(RIGHT + 1e-7)) == ("passed", "right", "")


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (RIGHT + torch.eye(2, 3), "values", "dW has the right shape, but 2 of 6 values are wrong."),
        (-RIGHT, "values", "dW has the right shape, but all 6 values are wrong."),
        (torch.zeros(2, 3), "zeros", "dW is zero everywhere: is it still a placeholder, or is a factor 0?"),
        (
            RIGHT.T,
            "values_in_wrong_shape",
            "dW is the transpose of the right answer: shape (2, 3) is wanted, (3, 2) came.",
        ),
        (
            RIGHT.reshape(-1),
            "values_in_wrong_shape",
            "dW has the right values in the wrong shape: (2, 3) is wanted, (6,) came.",
        ),
        (
            RIGHT[None],
            "values_in_wrong_shape",
            "dW has the right values in the wrong shape: (2, 3) is wanted, (1, 2, 3) came.",
        ),
        (torch.ones(2, 4), "shape", "dW should have shape (2, 3), but it has shape (2, 4)."),
        (torch.ones(3, 2), "shape", "dW should have shape (2, 3), but it has shape (3, 2)."),
        (torch.ones(2), "shape", "dW should have shape (2, 3), but it has shape (2,)."),
        (torch.tensor(1.0), "shape", "dW should have shape (2, 3), but it is a single number."),
        (
            torch.zeros(0, 2, 3),
            "shape",
            "dW should have shape (2, 3), but it has shape (0, 2, 3).",
        ),
        (
            RIGHT.long(),
            "dtype",
            "dW should hold floats (float32), but its dtype is int64: gradients are real numbers.",
        ),
        (RIGHT > 1, "dtype", "dW should hold floats (float32), but its dtype is bool: gradients are real numbers."),
        (
            RIGHT / 0,
            "not_finite",
            "dW contains infinity; look for a division by zero, an overflow, "
            "or a root or logarithm of a number that has none.",
        ),
        (
            RIGHT * float("nan"),
            "not_finite",
            "dW contains NaN (not a number); look for a division by zero, an overflow, "
            "or a root or logarithm of a number that has none.",
        ),
    ],
)
def test_wrong(value: Tensor, kind: str, message: str) -> None:
    """Dtype before shape, shape before finiteness, finiteness before values; each with its own sentence."""
    assert verdict(array(value)) == ("failed", kind, message)


@pytest.mark.parametrize(
    ("item", "expected_verdict"),
    [
        (Foreign("none", "None"), ("missing", "not_implemented", "`dW` is not implemented yet.")),
        (Foreign("text", "hi"), ("failed", "type", "dW should be a torch tensor, but it is a text (a string).")),
        (
            Foreign("array", "a numpy array"),
            (
                "failed",
                "type",
                "dW should be a torch tensor, but it is a numpy array of something else than numbers.",
            ),
        ),
        (
            Foreign("sequence", "a list"),
            (
                "failed",
                "type",
                "dW should be a torch tensor, but it is a list or tuple: return it alone, or make one tensor with "
                "torch.stack or torch.tensor.",
            ),
        ),
        (Foreign("dict", "a dict"), ("failed", "type", "dW should be a torch tensor, but it is a dictionary.")),
        (
            Foreign("tensor", "sparse"),
            (
                "failed",
                "type",
                "dW should be a torch tensor, but it is a tensor that is not an ordinary dense one of real numbers.",
            ),
        ),
        (
            Foreign("other", "an object"),
            ("failed", "type", "dW should be a torch tensor, but it is something else than a torch tensor."),
        ),
    ],
)
def test_no_tensor(item: Item, expected_verdict: tuple[str, str, str]) -> None:
    """None is not implemented yet; anything else that is no tensor says what it is."""
    assert verdict(item) == expected_verdict


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_floats_are_accepted_with_a_note(dtype: torch.dtype) -> None:
    """Another float type that holds the right values passes, and the note says which it is."""
    judgement = compare(Exercise(torch.relu, {"dW": Value()}, {}, "f"), "dW", array(RIGHT.to(dtype)), expected())
    name = str(dtype).removeprefix("torch.")
    assert judgement.verdict == "passed"
    assert judgement.note == f"dW has dtype {name}; it was compared as it is, float32 would be enough."


@pytest.mark.parametrize(("framework", "container"), [("numpy", "list"), ("torch", "array"), ("python", "tensor")])
def test_another_container_costs_only_where_the_exercise_is_strict(framework: str, container: str) -> None:
    """The right numbers pass with a note; strict, they fail with a sentence about the container."""
    item = replace(array(RIGHT), container=container)  # type: ignore[arg-type]
    exercise = Exercise(torch.relu, {"dW": Value()}, {}, "f", framework=framework)  # type: ignore[arg-type]
    tolerant = compare(exercise, "dW", item, expected())
    assert (tolerant.verdict, "which costs nothing here" in tolerant.note) == ("passed", True)
    assert verdict(item, framework=framework, strict=True)[:2] == ("failed", "type")
    assert verdict(replace(item, container=STANDARD[framework]), framework=framework, strict=True)[0] == "passed"


def test_double_precision_where_it_is_asked_for() -> None:
    """Right to seven digits is no longer right; the sentence says whether float32 was returned or used inside."""
    thirds = RIGHT.double() / 3
    rough = thirds * (1 + 1e-8)
    narrow = expected(thirds, tolerance=1e-14)
    assert verdict(array(rough), narrow, framework="numpy")[:2] == ("failed", "values")
    assert verdict(array(rough), narrow, framework="numpy", precision="float64") == (
        "failed",
        "precision",
        "dW is right to seven digits or so and not to fifteen: is it a difference quotient, or float32 inside?",
    )
    assert verdict(array(rough.float()), narrow, framework="numpy", precision="float64") == (
        "failed",
        "precision",
        "dW is right to the precision of float32 only; compute it in float64, as the inputs are.",
    )
    assert verdict(array(thirds), narrow, framework="numpy", precision="float64")[0] == "passed"


def test_decisions_are_compared_exactly() -> None:
    """Booleans are wanted where a decision is asked for, and one wrong one fails."""
    right = expected(torch.tensor([True, False]))
    assert verdict(array(torch.tensor([True, False])), right)[0] == "passed"
    assert verdict(array(torch.tensor([True, True])), right)[:2] == ("failed", "values")
    assert verdict(array(torch.tensor([1.0, 0.0])), right) == (
        "failed",
        "dtype",
        "dW should hold booleans (True or False), but its dtype is float32.",
    )


def test_size_one_axes_only_where_the_exercise_says_so() -> None:
    """With `squeeze` an axis of size 1 costs nothing; a transpose still does."""
    assert verdict(array(RIGHT[None]), squeeze=True)[0] == "passed"
    assert verdict(array(RIGHT[None]), squeeze=False)[0] == "failed"
    assert verdict(array(RIGHT.T), squeeze=True)[0] == "failed"


@pytest.mark.parametrize(
    ("actual", "right"),
    [
        (torch.ones(0, 1, 1), torch.ones(3, 4)),
        (torch.ones(1), torch.ones(3, 4)),
        (torch.ones(3, 4), torch.ones(0, 1, 1)),
    ],
)
def test_nothing_is_broadcast(actual: Tensor, right: Tensor) -> None:
    """What torch.allclose would broadcast into agreement has the wrong shape."""
    assert verdict(array(actual), expected(right))[0] == "failed"


def test_agrees_fails_closed() -> None:
    """NaN and infinity are outside of every tolerance."""
    for bad in (float("nan"), float("inf")):
        actual = RIGHT.clone()
        actual[0, 0] = bad
        assert not agrees(actual, expected(tolerance=1e9))


def test_bytes_become_the_tensor() -> None:
    """Empty, scalar and strided values survive the way."""
    for value in (torch.zeros(0, 3), torch.tensor(2.5), RIGHT.T, torch.tensor([1.0, 2.0])[::2]):
        assert torch.equal(to_tensor(array(value)), value)


EXERCISE = Exercise(
    entry_point="backward",
    forward=lambda x: x,
    asks={"dW": Value(), "db": Value()},
    sizes={},
)
CASE = Case("lattice-0", "", "lattice", {}, {}, {"dW": expected(), "db": expected()})


@pytest.mark.parametrize(
    ("outcome", "verdict", "kind", "message"),
    [
        (
            NotDefined(),
            "missing",
            "not_defined",
            "`backward` is not defined in your files yet; keep the name that the exercise gives it.",
        ),
        (
            NotDefined("hw.py, line 3: invalid syntax"),
            "errored",
            "not_defined",
            "hw.py, line 3: invalid syntax",
        ),
        (Raised("NotImplementedError", ""), "missing", "not_implemented", "`backward` is not implemented yet."),
        (
            Raised("TypeError", "", (Frame("hw.py", 2, "    raise NotImplemented"),)),
            "missing",
            "not_implemented",
            "`backward` is not implemented yet.",
        ),
        (
            Raised("IndexError", "hidden: 0.125", (Frame("hw.py", 7, "    y = x[9]"),)),
            "errored",
            "raised",
            "`backward` raised IndexError at hw.py, line 7: `y = x[9]`.",
        ),
        (Raised("KeyError", "hidden"), "errored", "raised", "`backward` raised KeyError."),
        (Stopped("timed_out", "Too slow."), "timed_out", "stopped", "Too slow."),
        (
            Returned((Foreign("none", ""),), bare=True),
            "missing",
            "not_implemented",
            "`backward` is not implemented yet.",
        ),
        (
            Returned((Foreign("none", NO_RETURN),), bare=True),
            "missing",
            "not_implemented",
            "`backward` ends without returning a value: its last line should be `return dW, db`.",
        ),
        (
            Returned((Foreign("none", NONE_VALUE),), bare=True),
            "missing",
            "not_implemented",
            "`backward` returned None: what it returns was never given a value (a `.grad` has none here).",
        ),
        (
            Raised("NotImplementedError", "", (Frame("hw.py", 3, "loss = (prob - t) ^ 2"),)),
            "errored",
            "raised",
            "`backward` raised NotImplementedError at hw.py, line 3: `loss = (prob - t) ^ 2`.",
        ),
        (
            Raised("NotImplementedError", "", (Frame("hw.py", 3, "raise NotImplementedError"),)),
            "missing",
            "not_implemented",
            "`backward` is not implemented yet.",
        ),
        (
            Returned((array(RIGHT),), bare=True),
            "failed",
            "count",
            "`backward` returned one value; return 2 as a tuple: (dW, db).",
        ),
        (
            Returned((array(RIGHT),) * 3, bare=False),
            "failed",
            "count",
            "`backward` returned 3 values; return 2 in this order: (dW, db).",
        ),
    ],
)
def test_the_call_as_a_whole(outcome: Outcome, verdict: str, kind: str, message: str) -> None:
    """What did not come back as two results says so for both outputs, without any text that may be hidden."""
    for judgement in judge(EXERCISE, CASE, outcome).values():
        assert (judgement.verdict, judgement.kind, judgement.message) == (verdict, kind, message)


def test_outputs_are_judged_one_by_one() -> None:
    """One missing output does not touch the other."""
    judged = judge(EXERCISE, CASE, Returned((array(RIGHT), Foreign("none", "")), bare=False))
    assert [judgement.verdict for judgement in judged.values()] == ["passed", "missing"]


def test_resembling_a_formula() -> None:
    """Rounding is forgiven, another shape or kind of number is not, and NaN only resembles NaN."""
    nan = torch.tensor([1.0, float("nan")])
    assert resembles(RIGHT, RIGHT.double() * (1 + 1e-5), slack(expected()))
    assert not resembles(RIGHT, RIGHT.double() * (1 + 1e-3), slack(expected()))
    assert not resembles(RIGHT, RIGHT[None], 1.0)
    assert not resembles(RIGHT, RIGHT.long(), 1.0)
    assert resembles(nan, nan, 1e-3)
    assert not resembles(torch.ones(2), nan, 1e-3)
    assert resembles(torch.tensor([2]), torch.tensor([2]), 0.0)


def test_slack_follows_the_case() -> None:
    """Where the right answer itself is uncertain, a wrong formula may be too."""
    assert slack(expected(tolerance=1e-9)) == 2.0**-13
    assert slack(expected(tolerance=6e-3)) == pytest.approx(4e-3)
    assert slack(expected(torch.zeros(2))) == 2.0**-13
    assert slack(expected(torch.tensor([True]))) == 2.0**-13
