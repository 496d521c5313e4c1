"""Terminal and plain text: one line per check, one example, no colour needed, nothing from outside obeyed."""

from __future__ import annotations

from rich.text import Text

from grader.grading.remark import row
from grader.models import CheckResult, Counterexample, Finding, Report
from grader.views import terminal
from tests.views.conftest import check_result, report_of


def test_a_failed_check() -> None:
    """Line, hint, pasteable example, grids, score and next step, as plain text."""
    assert terminal.text(report_of(check_result())) == (
        "batched_backward\n"
        "  ✗ dloss_dW  0 of 6  dloss_dW has the right shape, but wrong values in all 14 cases.\n"
        "    hint: What is the derivative of a square?\n"
        "    try it:\n"
        "      X = torch.tensor([[1., 2.]])\n"
        "      dloss_dW = batched_backward(X)\n"
        "    expected    yours          difference (yours − expected)\n"
        "    [ 1. 2. ]   [ 1.  2.5✗ ]   [ ·  +0.5✗ ]\n"
        "    [ 3. 4. ]   [ 3.   4.  ]   [ ·     ·  ]\n"
        "0 of 6 points on the public cases.\n"
        "Next: work out the example above with pen and paper, then compare step by step.\n"
    )


def test_only_the_first_failure_has_its_example() -> None:
    """What is said once is not said again: example and hint of a second check are left out."""
    text = terminal.text(report_of(check_result(), check_result(name="dloss_dwout")))
    assert text.count("try it:") == 1
    assert text.count("hint:") == 1


def test_all_passed() -> None:
    """Full marks come with what to do now."""
    done = check_result(verdict="passed", points=6.0, hint=None, counterexample=None, message="Right in all 14 cases.")
    assert terminal.text(report_of(done)).splitlines() == [
        "batched_backward",
        "  ✓ dloss_dW  6 of 6  Right in all 14 cases.",
        "6 of 6 points on the public cases.",
        "Everything passes on the public cases: hand it in. It will be graded on hidden cases of the same kind.",
    ]


def test_colour_only_repeats() -> None:
    """With colour the words and marks are the same."""
    report = report_of(check_result())
    coloured = terminal.text(report, colour=True)
    assert "\x1b[" in coloured
    assert Text.from_ansi(coloured).plain.rstrip() == terminal.text(report).rstrip()


def test_narrow_terminal_wraps_sentences_and_not_code() -> None:
    """Sentences are wrapped under themselves; what is to be pasted stays one line; grids go below each other."""
    long = "X = torch.tensor([[1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12.]])"
    example = Counterexample(inputs=long, expected="torch.tensor([1., 2.])", actual="torch.tensor([1., 3.])")
    lines = terminal.text(report_of(check_result(counterexample=example)), width=40).splitlines()
    assert f"      {long}" in lines
    assert max(len(line) for line in lines if "torch.tensor" not in line) <= 40
    assert "    difference (yours − expected)" in lines


def test_nothing_from_outside_steers_the_terminal(hostile_report: Report) -> None:
    """Escape sequences lose their escape character, and rich's markup is text."""
    text = terminal.text(hostile_report)
    assert "\x1b" not in text
    assert "[bold]red[/bold]" in text


def test_one_check_alone() -> None:
    """What the pytest plugin shows: the same lines, moved to the left."""
    assert terminal.check_text(check_result()).startswith("✗ dloss_dW  0 of 6  dloss_dW has the right shape")


def test_the_first_remark_of_a_row() -> None:
    """A breach of the by-hand rule goes before wrong answers, these before missing ones; a suspicion is no remark."""
    passed = check_result(verdict="passed", points=0.0)
    missing = check_result(name="dloss_dwout", verdict="missing", message="Not implemented yet.")
    seen = Finding(kind="autograd", certain=True, evidence="autograd ran, ana.py, line 8: `y.backward()`", message="-")

    def remark(*checks: CheckResult, findings: tuple[Finding, ...] = ()) -> str:
        report = report_of(*checks)
        exercise = report.exercises[0].model_copy(update={"findings": findings})
        return row(report.model_copy(update={"exercises": (exercise,)})).remark

    breach = "batched_backward · autograd: no points. autograd ran, ana.py, line 8: `y.backward()`"
    wrong = "batched_backward · dloss_dW: failed. dloss_dW has the right shape, but wrong values in all 14 cases."
    assert remark(check_result(), passed, findings=(seen,)) == breach
    assert remark(missing, check_result()) == wrong
    assert remark(missing, findings=(seen,)) == "batched_backward · dloss_dwout: missing. Not implemented yet."
    paid = check_result(verdict="passed", points=6.0)
    assert remark(paid, findings=(seen.model_copy(update={"certain": False}),)) == ""
