"""What a student reads about one check: facts, advice, notes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.cases.suite import prepare
from grader.exercise import Exercise, Gradient
from grader.grading import diagnose
from grader.grading.diagnose import DiagnosisCache

SLUG = "vector_matrix_derivative"


def messages(grade: Any, body: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    result = grade(SLUG, f"def {SLUG}(W, x):\n    X = x.reshape(-1, len(W)); N = len(X); H = W.shape[1]\n{lines}")
    return [check.message for check in result.checks]


RIGHT = "X.sum(0)[:, None].repeat(1, H)"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"return {RIGHT}", "Right in all 21 cases."),
        (f"return 2 * {RIGHT} + W", "dy_dW has the right shape, but wrong values in all 21 cases."),
        (
            f"return {RIGHT} + (N > 1)",
            "dy_dW has the right shape, but wrong values in 19 of 21 cases.",
        ),
        (
            "return None",
            "`vector_matrix_derivative` ends without returning a value: its last line should be `return dy_dW`.",
        ),
        (
            "return W.grad",
            "`vector_matrix_derivative` returned None: what it returns was never given a value "
            "(a `.grad` has none here).",
        ),
        ("raise NotImplementedError", "`vector_matrix_derivative` is not implemented yet."),
        ("raise NotImplemented", "`vector_matrix_derivative` is not implemented yet."),
        ("return torch.zeros_like(W)", "dy_dW is zero everywhere: is it still a placeholder, or is a factor 0?"),
        ("return 'dW'", "dy_dW should be a torch tensor, but it is a text (a string)."),
        (
            f"return {RIGHT}, W",
            "`vector_matrix_derivative` returned a list or tuple of 2; return dy_dW alone, as one tensor.",
        ),
        (
            f"return {RIGHT}.long()",
            "dy_dW should hold floats (float32), but its dtype is int64: gradients are real numbers.",
        ),
        (
            f"return {RIGHT} / 0",
            "dy_dW contains infinity; look for a division by zero, an overflow, "
            "or a root or logarithm of a number that has none.",
        ),
    ],
)
def test_facts(grade: Any, body: str, message: str) -> None:
    """One sentence with what is wrong, and in how many cases."""
    assert messages(grade, body)[1] == message


def test_several_kinds(grade: Any) -> None:
    """The most frequent thing is said, and how many other cases did not pass."""
    assert messages(grade, f"return {RIGHT} + 1 if N > 1 else W[None]")[1] == (
        "dy_dW has the right shape, but wrong values in 19 of 21 cases. 2 more did not pass either."
    )


def test_an_exception_is_quoted_from_the_public_example_only(grade: Any) -> None:
    """The text of an exception may hold hidden numbers, so it comes from the small example, with the student's line."""
    assert messages(grade, "raise ValueError(str(X.shape))")[0] == (
        "`vector_matrix_derivative` raised ValueError at hw.py, line 6: `raise ValueError(str(X.shape))`. "
        "On this small example it raises ValueError: torch.Size([1, 1])."
    )


def test_nothing_to_search_for_what_is_not_there(grade: Any) -> None:
    """An untouched stub gets no example, hint or name."""
    result = grade(SLUG, "def vector_matrix_derivative(W, x):\n    pass\n")
    for check in result.checks:
        assert (check.verdict, check.counterexample, check.hint) == ("missing", None, None)


def test_changed_inputs_are_a_note(grade: Any) -> None:
    """A function that works on its arguments in place is right, and a note mentions it."""
    source = f"def {SLUG}(W, x):\n    W *= 0\n    W += x.reshape(-1, len(W)).sum(0)[:, None]\n    return W\n"
    result = grade(SLUG, source)
    assert {check.verdict for check in result.checks} == {"passed"}
    assert [(note.kind, note.message) for note in result.notes] == [
        (
            "inputs_modified",
            "`vector_matrix_derivative` changes the tensors that it is given; "
            "it costs nothing here, but a caller may be surprised.",
        )
    ]


def test_another_float_type_is_a_note(grade: Any) -> None:
    """float64 results are accepted, and a note says that float32 would do."""
    source = f"def {SLUG}(W, x):\n    return x.double().reshape(-1, len(W)).sum(0)[:, None].repeat(1, W.shape[1])\n"
    result = grade(SLUG, source)
    assert {check.verdict for check in result.checks} == {"passed"}
    assert [(note.kind, note.message) for note in result.notes] == [
        (
            "cast",
            "`vector_matrix_derivative`: dy_dW has dtype float64; it was compared as it is, float32 would be enough.",
        )
    ]


def test_a_measured_tolerance_is_a_note() -> None:
    """Where no bound of an operation's rounding is known, the report says that the tolerance was measured."""

    def f(x: Float[Tensor, "N D"]) -> Tensor:
        return torch.special.i0(x).sum()

    exercise = Exercise(f, {"dx": Gradient("x")}, {"N": (1, 4), "D": (1, 4)}, "g")
    suite = prepare(exercise.named("small"), b"the secret of the notes")
    assert [(note.kind, note.message) for note in diagnose.notes(DiagnosisCache(suite), ())] == [
        (
            "measured_tolerance",
            "`g`: the tolerance is measured, not derived, because no bound for the rounding of i0, "
            "special_i1 is known.",
        )
    ]


def test_floats_for_a_decision_are_explained_without_arithmetic_on_booleans(grade: Any) -> None:
    """A known mistake with a number of the student's own is not fitted to True and False."""
    source = """
import torch

def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    prob = torch.sigmoid(torch.relu(h) @ wout)
    slope = prob * (1 - prob)
    db = (torch.outer(slope, wout) * (h > 0)).sum(0)
    return (h <= 0).all(0).float(), db, slope < 0.01
"""
    result = grade("relu_dark_side", source, with_chain=False)
    assert [check.verdict for check in result.checks] == ["failed", "passed", "passed"]
    assert result.checks[0].message == "dead should hold booleans (True or False), but its dtype is float32."


@pytest.mark.parametrize(("factor", "verdict"), [("1", "passed"), ("2", "failed")])
def test_a_bug_in_explaining_does_not_touch_the_marks(
    grade: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, factor: str, verdict: str
) -> None:
    """Where working out the reason breaks, verdict and points stay, the student reads it, and the log has the trace."""

    def broken(*_: Any) -> Any:
        raise IndexError("a bug")

    monkeypatch.setattr("grader.grading.diagnose._passed", broken)
    monkeypatch.setattr("grader.grading.diagnose.counterexample.observe", broken)
    body = f"X = x.reshape(-1, len(W)); H = W.shape[1]; return {factor} * {RIGHT}"
    result = grade(SLUG, f"def {SLUG}(W, x):\n    {body}\n")
    for check in result.checks:
        assert check.verdict == verdict
        assert check.message.endswith("that is a fault of the grader and does not change the points.")
    assert "IndexError: a bug" in caplog.text
