"""What Gradescope is told, and what nobody is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.grading import feedback
from grader.grading.report import Plan
from grader.lms import gradescope, prairielearn, wording
from grader.models import CheckResult, Report
from tests.lms.conftest import SECRET, SLUGS, Grade, solution, unrun, wrong

Golden = Callable[[str, str], None]
LEFT_TO_AUTOGRAD = b"""
import torch

def batched_backward(X, t, W, wout):
    W, wout = W.clone().requires_grad_(), wout.clone().requires_grad_()
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.autograd.grad(loss, (W, wout))
"""
HOSTILE = "\x1b[31m<script>alert(1)</script> **bold** \x00 \u202e [x](javascript:1)"


@pytest.fixture(scope="module")
def half_right(grade: Grade) -> Report:
    """One exercise right, the other with a catalogued mistake."""
    return grade(one=solution(SLUGS[0]), two=wrong(SLUGS[1], "no_mask"))


def test_golden_of_a_half_right_submission(half_right: Report, plan: Plan, golden: Golden) -> None:
    """A known mistake is shown with its hint and a public example, in these words."""
    golden("gradescope_half_right.json", gradescope.results(half_right, plan).text())


def test_golden_of_an_unfinished_submission(grade: Grade, plan: Plan, golden: Golden) -> None:
    """What is not there is named, and costs its points."""
    golden("gradescope_unfinished.json", gradescope.results(grade(one=solution(SLUGS[0])), plan).text())


def test_golden_of_nothing_to_read(grade: Grade, plan: Plan, golden: Golden) -> None:
    """A submission without a source file gets no points and a sentence that says what to hand in."""
    golden("gradescope_unreadable.json", gradescope.results(grade(), plan).text())


def test_golden_of_a_slow_platform(half_right: Report, plan: Plan, golden: Golden) -> None:
    """What the platform left unrun has no score, and so the whole has none."""
    golden("gradescope_slow_platform.json", gradescope.results(_cut_short(half_right, plan), plan).text())


def test_golden_of_details_later(half_right: Report, plan: Plan, golden: Golden) -> None:
    """By choice, students see at first whether a check passed, and the details once grades are published."""
    golden("gradescope_details_later.json", gradescope.results(half_right, plan, "after_published").text())


def test_each_test_is_shaped_as_documented(half_right: Report, plan: Plan) -> None:
    """Every check is a test with score, maximum, a number that is a text, and a visibility."""
    results = json.loads(gradescope.results(half_right, plan).text())
    assert results["score"] == sum(test["score"] for test in results["tests"])
    assert [test["number"] for test in results["tests"]] == ["1.1", "1.2", "2.1", "2.2"]
    assert {test["visibility"] for test in results["tests"]} == {"visible"}
    assert {test["status"] for test in results["tests"]} == {"passed", "failed"}


def test_details_later_hide_the_facts(half_right: Report, plan: Plan) -> None:
    """With details for later, the visible test names neither the mistake nor an example."""
    tests = gradescope.results(half_right, plan, "after_due_date").tests
    failed = next(test for test in tests if test.status == "failed")
    assert failed.output == "dloss_dW: not right yet. The details are shown after the due date."
    assert failed.score == 0
    later = next(test for test in tests if test.visibility == "after_due_date")
    assert later.number == f"{failed.number}.1"
    assert "hint: ReLU lets" in later.output
    assert later.score is None


def test_no_score_where_a_part_is_unknown(half_right: Report, plan: Plan) -> None:
    """Neither the total nor the unrun tests get a number, so that none is lower for the platform's fault."""
    results = json.loads(gradescope.results(_cut_short(half_right, plan), plan).text())
    assert "score" not in results
    assert [("score" in test, "status" in test) for test in results["tests"]] == [(True, True)] * 2 + [
        (False, False)
    ] * 2
    assert results["tests"][-1]["output"].endswith(feedback.not_run())
    assert results["output"].startswith(wording.NO_SCORE)


def test_nothing_of_a_student_is_obeyed(half_right: Report, plan: Plan) -> None:
    """All formats are plain text, and no control character or change of direction is left in what is shown."""
    results = gradescope.results(_with_message(half_right, HOSTILE), plan)
    formats = {results.output_format, results.test_output_format, results.test_name_format}
    assert formats | {test.output_format for test in results.tests} | {test.name_format for test in results.tests} == {
        "text"
    }
    shown = "".join([results.output, *(test.output + test.name for test in results.tests)])
    assert not set(shown) & {"\x1b", "\x00", "\u202e"}
    assert "<script>alert(1)</script> **bold**" in shown


def test_a_passed_check_without_points_says_why(grade: Grade, plan: Plan) -> None:
    """What autograd got right is passed and earns nothing, on both platforms with the reason beside the check."""
    report = grade(one=solution(SLUGS[0]), two=LEFT_TO_AUTOGRAD)
    found = report.exercises[1].findings[0].message
    assert "torch.autograd was at work" in found
    tests = gradescope.results(report, plan).tests
    assert [(test.status, test.score, found in test.output) for test in tests] == [
        ("passed", 4.0, False),
        ("passed", 6.0, False),
        ("passed", 0.0, True),
        ("passed", 0.0, True),
    ]
    later = gradescope.results(report, plan, "after_published").tests
    assert [found in test.output for test in later] == [False, False, True, True]
    cards = prairielearn.results(report, plan).tests or ()
    assert [found in (card.message or "") for card in cards] == [False, False, True, True]


def test_output_is_cut(half_right: Report, plan: Plan) -> None:
    """No output is longer than Gradescope keeps, and a cut is shown."""
    results = gradescope.results(_with_message(half_right, "x" * 200_000), plan)
    longest = max((test.output for test in results.tests), key=len)
    assert len(longest) == gradescope.MAX_CHARACTERS
    assert longest.endswith("[...]")


def test_the_secret_is_nowhere(half_right: Report, plan: Plan) -> None:
    """Neither the secret nor a number of a hidden case is written."""
    text = gradescope.results(half_right, plan).text()
    assert SECRET.decode() not in text
    for item in plan.items:
        for case in item.diagnosis.suite.cases:
            for value in case.inputs.values():
                entries = [] if isinstance(value, (int, float)) else value.flatten().tolist()
                assert not any(repr(entry) in text for entry in entries if len(repr(entry)) > 8)


def test_models_refuse_what_is_not_documented() -> None:
    """A visibility, format or field that Gradescope does not know is refused before it is written."""
    for wrong_field in ({"visibility": "later"}, {"output_format": "rst"}, {"points": 3}, {"score": -1}):
        with pytest.raises(ValidationError):
            gradescope.Results.model_validate(wrong_field)


def test_metadata(tmp_path: Path) -> None:
    """The submission's id is taken from Gradescope's metadata; broken metadata stop nothing."""
    path = tmp_path / "submission_metadata.json"
    assert gradescope.submission_id(path) == "submission"
    path.write_text('{"id": 123456, "users": [{"email": "a@b", "id": 1, "name": "Ana"}]}')
    assert gradescope.submission_id(path) == "123456"
    path.write_text("[")
    assert gradescope.submission_id(path) == "submission"


def _cut_short(report: Report, plan: Plan) -> Report:
    exercises = (report.exercises[0], unrun(plan.items[1].exercise))
    return report.model_copy(update={"score": None, "exercises": exercises})


def _with_message(report: Report, message: str) -> Report:
    def changed(check: CheckResult) -> CheckResult:
        return check.model_copy(update={"message": message, "hint": message, "verdict": "failed"})

    exercises = tuple(
        exercise.model_copy(update={"checks": tuple(changed(check) for check in exercise.checks)})
        for exercise in report.exercises
    )
    return report.model_copy(update={"exercises": exercises})
