"""The sentences that other tests do not meet on their way through a submission."""

from __future__ import annotations

import pytest

from grader.grading import feedback
from grader.wire.outcome import Frame, Raised


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        (feedback.passed(12), "Right in all 12 cases."),
        (feedback.wrong_values("dW", 1, 1), "dW has the right shape, but its value is wrong."),
        (feedback.wrong_in("dW", 1, 1, 1), "dW has the right shape, but wrong values."),
        (
            feedback.wrong_in("dW", 3, 4, 12),
            "dW has the right shape, but wrong values in 3 of 12 cases. 1 more did not pass either.",
        ),
        (feedback.failed_in("It is so.", 12, 12, 12), "It is so."),
        (feedback.failed_in("It is so.", 2, 2, 12), "It is so. This happened in 2 of 12 cases."),
        (
            feedback.failed_in("It is so.", 2, 5, 12),
            "It is so. This happened in 2 of 12 cases. 3 more did not pass either.",
        ),
        (
            feedback.constant_factor("dW", 3.0),
            "dW is 3 times the right answer in every case: a factor is missing or too many.",
        ),
        (
            feedback.constant_factor("dW", 2.0),
            "dW is twice the right answer in every case: a factor is missing or too many.",
        ),
        (
            feedback.factor_of_a_size("dW", "N", 2.0, 1.0),
            "dW is the right answer multiplied by the square of N: is something counted N times?",
        ),
        (
            feedback.part_of_an_axis("dW", "N", "all-but-the-last"),
            "dW leaves out the last of the N entries along axis N: where does the loop start and end?",
        ),
        (
            feedback.only_wrong_at_kink("dW"),
            "dW is wrong only where ReLU's input (or the like) is exactly 0: torch uses the derivative 0 there.",
        ),
        (
            feedback.kink_advice(),
            "Exactly at a kink (a ReLU or an absolute value at 0, several numbers that are equally large, the border "
            "of a clamp) your function chooses another derivative than torch. It costs nothing: no single one is "
            "right there.",
        ),
        (
            feedback.internal_error(),
            "The grader could not finish this check. That is not your fault, and it costs you nothing.",
        ),
        (
            feedback.skipped(),
            "Not run, because earlier cases of this exercise ran out of time or ended the process.",
        ),
        (
            feedback.wrong_count("f", ("a", "b"), 1, False),
            "`f` returned 1 value; return 2 in this order: (a, b).",
        ),
    ],
)
def test_sentences(sentence: str, text: str) -> None:
    """Word for word what a student reads."""
    assert sentence == text


def test_an_exception_is_quoted_once() -> None:
    """The line is named where it was not named before; a lone exception without a text is named too."""
    error = Raised("IndexError", "index 3 is out of range.", (Frame("hw.ipynb, cell 2", 4, "  y = x[3]"),))
    place = "hw.ipynb, cell 2, line 4: `y = x[3]`"
    assert feedback.raised_on_example(error, "") == (
        f"On this small example it raises IndexError: index 3 is out of range at {place}."
    )
    assert feedback.raised_on_example(error, f"`f` raised IndexError at {place}.") == (
        "On this small example it raises IndexError: index 3 is out of range."
    )
    assert feedback.raised_on_example(Raised("KeyError", ""), "") == "On this small example it raises KeyError."


@pytest.mark.parametrize(
    ("kind", "message", "advice"),
    [
        ("NameError", "name 'np' is not defined", "`np` has no value there: add `import numpy as np` at the top."),
        (
            "NameError",
            "name 'Xs' is not defined",
            "`Xs` has no value there: is `X` meant, or does it belong to another function or cell?",
        ),
        (
            "NameError",
            "name 'delta' is not defined",
            "`delta` has no value there: is it misspelled, or does it belong to another function or cell?",
        ),
        (
            "UnboundLocalError",
            "cannot access local variable 's'",
            "A name that a function assigns anywhere belongs to that function: give it a value on every way there.",
        ),
        (
            "AssertionError",
            "Torch not compiled with CUDA enabled",
            'There is no graphics card where your work is checked: take `.cuda()` and "cuda" out.',
        ),
        (
            "BdbQuit",
            "",
            "A breakpoint waits for somebody to type, and nobody can: take it out; `print` shows values as well.",
        ),
        ("ModuleNotFoundError", "the module 'cupy' is missing", "The module 'cupy' is missing."),
        ("ModuleNotFoundError", "", None),
        ("ValueError", "too many values", None),
    ],
)
def test_advice_on_an_exception(kind: str, message: str, advice: str | None) -> None:
    """Only where the text of the exception says for certain what to do."""
    assert feedback.advice_on(Raised(kind, message), ("X", "W")) == advice


def test_a_missing_module_is_named_once() -> None:
    """No input changes anything about it, so nothing is said of an example."""
    assert feedback.raised_on_example(Raised("ModuleNotFoundError", "the module 'cupy' is missing"), "") == ""
