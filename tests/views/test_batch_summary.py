"""The lines below the class table: marks, what to look at, what nobody attempted, and whose mistakes have no names."""

from __future__ import annotations

from grader.grading.remark import FLAGS, Part, Row, flags, row
from grader.models import Finding, Report
from grader.views import batch_summary
from tests.views.conftest import check_result, report_of


def a_row(name: str, points: float | None, *found: str, attempted: bool = True) -> Row:
    parts = (Part("first", 6.0, True), Part("second", 4.0, attempted))
    return Row(name, "graded", points, 10.0, "", found, parts)


def test_marks_and_what_to_look_at() -> None:
    """Mean, median, full marks and the platform's maximum; then the reasons to look, counted, the technical first."""
    rows = [a_row("a", 10.0), a_row("b", 6.0, "errored"), a_row("c", 2.0, "syntax_error", "errored"), a_row("d", None)]
    assert list(batch_summary.lines(rows)) == [
        "Full marks are 10 points: the maximum to enter in a learning platform. Mean 6.0, median 6; 1 with full marks.",
        "To look at: 1 syntax error, 2 errored.",
    ]


def test_a_technical_failure_is_said_apart_from_errors() -> None:
    """What the grader could not do is no student's error: it has no score, and the remedy is to grade again."""
    rows = [a_row("a", None, "internal_error"), a_row("b", 0.0, "timed_out")]
    lines = list(batch_summary.lines(rows))
    assert lines[1] == (
        "Technical failures of the grader: 1. They have no score, never a zero; grade again, and see `grader doctor` "
        "if they stay."
    )
    assert lines[2] == "To look at: 1 timed out."


def test_exercises_that_nobody_attempted_are_said() -> None:
    """Points that everybody lost may be of an exercise that was never asked for."""
    rows = [a_row("a", 6.0, attempted=False), a_row("b", 6.0, attempted=False)]
    assert list(batch_summary.lines(rows))[1] == (
        "Nobody attempted second: 4 of the 10 points. If they were not asked for, choose the others with --exercise or "
        "--assignment and grade again."
    )
    assert len(list(batch_summary.lines([*rows, a_row("c", 6.0)]))) == 1


def test_missing_misconceptions_are_said() -> None:
    """Where the solutions did not travel, mistakes have no names, and the documentation says how to have them."""
    lines = list(batch_summary.lines([a_row("a", 6.0)], ["first", "second"]))
    assert lines[1] == (
        "Mistakes in first, second are described and not named, because no misconceptions are there; see "
        "“Misconceptions” in docs/instructors.md."
    )
    six = list(batch_summary.lines([a_row("a", 6.0)], ["a", "b", "c", "d", "e", "f"]))
    assert six[1].startswith("Mistakes in a, b, c, d, e and 1 more are described")


def errored(message: str) -> Report:
    return report_of(check_result(verdict="errored", message=message))


def test_reasons_to_look_at_a_report() -> None:
    """Verdicts, kinds of exceptions and the by-hand rule are told apart; an ordinary wrong value is no reason."""
    assert flags(report_of(check_result())) == ()
    assert flags(errored("`f` raised NameError at hw.py, line 2: `x`.")) == ("name_error",)
    assert flags(errored("`f` raised UnboundLocalError at hw.py, line 2: `x`.")) == ("name_error",)
    assert flags(errored("`f` raised TypeError at hw.py, line 2: `x`.")) == ("type_error",)
    assert flags(errored("`f` raised IndexError at hw.py, line 2: `x`.")) == ("errored",)
    assert flags(errored("f cannot be read. hw.py, line 4: syntax error (x) in `a b`.")) == ("syntax_error",)
    both = report_of(check_result(verdict="timed_out"), check_result(verdict="out_of_memory"), status="unreadable")
    assert flags(both) == ("unreadable", "timed_out", "out_of_memory")
    finding = Finding(kind="autograd", certain=True, evidence="a", message="b")
    exercise = report_of(check_result()).exercises[0].model_copy(update={"findings": (finding,)})
    seen = row(report_of(check_result(), exercises=(exercise,)))
    assert seen.flags == ("by_hand",)
    assert set(FLAGS) >= set(seen.flags)


def test_an_exercise_that_was_not_begun_is_no_attempt() -> None:
    """All checks missing: not attempted; one that ran: attempted."""
    missing = check_result(verdict="missing")
    assert not row(report_of(missing, missing)).parts[0].attempted
    assert row(report_of(missing, check_result())).parts[0].attempted


def test_of_a_large_class_the_table_shows_those_to_look_at() -> None:
    """Up to 200 rows everybody is shown; of more, who has an error, a technical failure or a finding."""
    calm = [a_row(f"s{number:03}", 10.0) for number in range(199)]
    odd = [a_row("x", 0.0, "timed_out"), a_row("y", None, "internal_error")]
    assert batch_summary.shown([*calm, odd[0]]) == [*calm, odd[0]]
    assert batch_summary.shown([*calm, *odd]) == odd
