"""Names: a known mistake, two at once, a matter of convention, and silence."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Any

import pytest

from grader.cases import suite as cases
from grader.course import catalog
from grader.exercise import Limits
from grader.grading import grade as grading
from grader.grading.diagnose import DiagnosisCache
from grader.selfcheck.session import LocalSession

BACKWARD = """
def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = {g}
    mask = {mask}
    dW = {dW}
    dwout = {dwout}
    return dW, dwout
"""
RIGHT = {
    "g": "2 * (prob - t) * prob * (1 - prob)",
    "mask": "(h > 0).float()",
    "dW": "X.T @ (torch.outer(g, wout) * mask)",
    "dwout": "g @ hact",
}


def backward(**wrong: str) -> str:
    return BACKWARD.format(**{**RIGHT, **wrong})


def named(grade: Any, source: str) -> dict[str, str | None]:
    result = grade("batched_backward", source)
    return {check.name: check.misconception for check in result.checks}


def test_right_code_is_never_named(grade: Any) -> None:
    """A right submission passes, without a name, a hint or an example."""
    result = grade("batched_backward", backward())
    for check in result.checks:
        assert (check.verdict, check.hint, check.misconception, check.counterexample) == ("passed", None, None, None)
    assert result.notes == ()


def test_one_mistake_is_named_on_every_check_that_it_breaks(grade: Any) -> None:
    """A wrong first link breaks both outputs, and both checks name it and the link."""
    result = grade("batched_backward", backward(g="(prob - t) * prob * (1 - prob)"))
    for check in result.checks:
        assert check.verdict == "failed"
        assert check.misconception == "no-factor-two"
        assert check.hint == "What is the derivative of a square?"
        assert check.message.endswith("The first link that goes wrong is dloss_dprob.")


def test_a_mistake_behind_one_output_leaves_the_other_alone(grade: Any) -> None:
    """Only the check that fails carries the name."""
    assert named(grade, backward(mask="1.0")) == {"dloss_dW": "no-relu-mask", "dloss_dwout": None}


def test_two_mistakes_at_once(grade: Any) -> None:
    """dloss_dW shows both mistakes and dloss_dwout only the one that it depends on."""
    source = backward(g="2 * (t - prob) * prob * (1 - prob)", mask="1.0")
    result = grade("batched_backward", source)
    assert [check.misconception for check in result.checks] == ["sign-flipped+no-relu-mask", "sign-flipped"]
    assert result.checks[0].hint == (
        "Two things at once. First: If prob is above the target, does the loss rise or fall when prob rises? "
        "Second: ReLU lets the gradient through only where its input was positive."
    )
    assert "The first link that goes wrong is dloss_dprob." in result.checks[0].message


def test_two_mistakes_in_different_outputs_keep_their_own_names(grade: Any) -> None:
    """Each check names what its own output shows."""
    assert named(grade, backward(dW="(X.T @ (torch.outer(g, wout) * mask)).T", dwout="g @ h")) == {
        "dloss_dW": "transposed",
        "dloss_dwout": "before-relu",
    }


def test_an_unknown_mistake_is_not_named(grade: Any) -> None:
    """A formula that no known mistake explains in every case gets no name."""
    assert named(grade, backward(g="2 * (prob - t) * prob * (1 - prob) ** 2")) == {
        "dloss_dW": None,
        "dloss_dwout": None,
    }


def test_nearly_a_known_mistake_is_not_named(grade: Any) -> None:
    """A hundredth away from a known mistake is another mistake."""
    assert named(grade, backward(g="0.99 * (prob - t) * prob * (1 - prob)"))["dloss_dW"] != "no-factor-two"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"mask": "torch.where(h > 0, 1.0, 0.2)"}, "leaky-slope"),
        ({"dW": "X.T @ (torch.outer(g, wout - 0.003 * (g @ hact)) * mask)"}, "update-before-gradient"),
        ({"mask": "torch.where(h > 0, 1.0, -1.0)"}, "sign-instead-of-slope"),
        ({"mask": "torch.where(h > 0, 1.0, 0.2345)"}, None),
        ({"mask": "torch.where(h > 0, 1.0, torch.where(h < -1, 0.2, 0.1))"}, None),
        ({"dW": "X.T @ (torch.outer(g, 0.9 * wout) * mask)"}, "constant-factor"),
    ],
)
def test_a_number_that_the_student_chose(grade: Any, wrong: dict[str, str], name: str | None) -> None:
    """A mistake is named whatever short number it holds; a number that does not explain every case names nothing."""
    assert named(grade, backward(**wrong)) == {"dloss_dW": name, "dloss_dwout": None}


def test_one_students_number_is_not_kept(grade: Any, diagnosis: Any) -> None:
    """What is remembered for the next submission does not grow with every new number that a student chose."""
    slopes = [backward(mask=f"torch.where(h > 0, 1.0, {slope})") for slope in (0.2, 0.31, 0.42)]
    book = diagnosis("batched_backward", True)  # the one that `grade` uses
    assert named(grade, slopes[0])["dloss_dW"] == "leaky-slope"
    kept = len(book._predictions)
    assert kept > 0
    assert [named(grade, source)["dloss_dW"] for source in slopes[1:]] == ["leaky-slope"] * 2
    assert len(book._predictions) == kept


def test_a_crash_is_explained_by_a_crash(grade: Any) -> None:
    """Summing before the product crashes unless N fits, and the name explains the crashes and the values."""
    wrong = backward(dW="(X.T @ g)[:, None] * wout * (h > 0)")
    assert named(grade, wrong)["dloss_dW"] == "batch-summed-first"


def test_crashes_alone_get_no_name(grade: Any) -> None:
    """A method that does not exist raises in every case: no mistake of calculus is seen in that."""
    result = grade("batched_backward", backward(dW="X.transposed()"))
    for check in result.checks:
        assert check.verdict == "errored"
        assert check.misconception is None


def test_a_missing_output_does_not_silence_the_other(grade: Any) -> None:
    """None for one output is missing; the other output is still named."""
    result = grade("batched_backward", backward(g="(prob - t) * prob * (1 - prob)", dwout="None"))
    assert [(check.verdict, check.misconception) for check in result.checks] == [
        ("failed", "no-factor-two"),
        ("missing", None),
    ]


def test_the_kink_is_advice_and_named(grade: Any) -> None:
    """Another subgradient at exactly 0 passes with full points, and the report says which convention it is."""
    result = grade("batched_backward", backward(mask="(h >= 0).float()"))
    check = result.checks[0]
    assert (check.verdict, check.misconception) == ("passed", "mask-at-zero")
    assert check.hint == "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing."
    assert check.counterexample is None


@pytest.mark.parametrize(
    ("with_chain", "name", "hint"),
    [
        (True, "mask-at-zero", "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing."),
        (
            False,
            None,
            "dloss_dW is wrong only where ReLU's input (or the like) is exactly 0: torch uses the derivative 0 there.",
        ),
    ],
)
def test_the_kink_as_a_pointed_check(with_chain: bool, name: str | None, hint: str) -> None:
    """An exercise that asks for torch's convention fails another one, and says where it differs."""
    bundled = catalog.bundled()
    exercise = replace(bundled.load("batched_backward"), kink="graded")
    suite = cases.prepare(exercise, b"a secret of the tests, at least 32 bytes long")
    book = DiagnosisCache(suite, bundled.chain("batched_backward") if with_chain else None)
    source = "import torch\n" + backward(mask="(h >= 0).float()")
    with LocalSession([("hw.py", source.encode())], [exercise.target]) as session:
        check = grading.grade_exercise(session, book, Limits()).checks[0]
    assert (check.verdict, check.misconception, check.hint) == ("failed", name, hint)
    assert check.cases_passed == check.cases_total - 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return x.reshape(-1, len(W)).mean(0)[:, None].repeat(1, W.shape[1])", [None, "mean-instead-of-sum"]),
        ("return x.reshape(-1, len(W)).sum(0)[:, None].repeat(1, W.shape[1])[None]", ["extra-batch-axis"] * 2),
        ("return x.reshape(-1, len(W), 1).repeat(1, 1, W.shape[1])", ["one-matrix-per-observation"] * 2),
    ],
)
def test_variants_help_each_other(grade: Any, body: str, expected: list[str | None]) -> None:
    """Two mistakes that look alike on one observation are told apart by what happens to a batch."""
    result = grade("vector_matrix_derivative", f"def vector_matrix_derivative(W, x):\n    {textwrap.dedent(body)}\n")
    assert [check.misconception for check in result.checks] == expected
