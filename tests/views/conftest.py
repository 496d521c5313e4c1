"""What the tests of the views share: reports that are hostile, and one that has everything."""

from __future__ import annotations

import pytest

from grader.models import (
    CheckResult,
    Counterexample,
    Environment,
    ExerciseResult,
    Finding,
    Note,
    Report,
    SubmissionInfo,
)

HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m[bold]red[/bold]{{ 7 * 7 }}"


def check_result(**changes: object) -> CheckResult:
    """A failed check with a hint and an example, with changes."""
    values = {
        "name": "dloss_dW",
        "points": 0.0,
        "max_points": 6.0,
        "verdict": "failed",
        "cases_passed": 0,
        "cases_total": 14,
        "message": "dloss_dW has the right shape, but wrong values in all 14 cases.",
        "hint": "What is the derivative of a square?",
        "counterexample": Counterexample(
            inputs="X = torch.tensor([[1., 2.]])\ndloss_dW = batched_backward(X)",
            expected="torch.tensor([[1., 2.], [3., 4.]])",
            actual="torch.tensor([[1., 2.5], [3., 4.]])",
        ),
    }
    return CheckResult.model_validate({**values, **changes})


def report_of(*checks: CheckResult, **changes: object) -> Report:
    """A graded report of one exercise with these checks."""
    exercise = ExerciseResult(
        exercise="batched_backward",
        entry_point="batched_backward",
        score=sum(check.points or 0.0 for check in checks),
        max_score=sum(check.max_points for check in checks),
        checks=checks,
    )
    values = {
        "submission": SubmissionInfo(id="ana", files=("ana.py",), sha256="0" * 64),
        "status": "graded",
        "score": exercise.score,
        "max_score": exercise.max_score,
        "exercises": (exercise,),
        "secret_id": None,
        "grading_key": "f" * 64,
        "environment": Environment(grader="0.1.0", python="3.11", torch="2.13", platform="linux", isolation=()),
        "wall_seconds": 0.1,
    }
    return Report.model_validate({**values, **changes})


@pytest.fixture
def hostile_report() -> Report:
    """Every text of it tries to be HTML, markup, a template and a terminal escape."""
    hostile = check_result(
        name=HOSTILE,
        message=HOSTILE,
        hint=HOSTILE,
        counterexample=Counterexample(inputs=HOSTILE, expected=HOSTILE, actual=HOSTILE, printed=HOSTILE),
    )
    report = report_of(
        hostile,
        submission=SubmissionInfo(id=HOSTILE, files=(HOSTILE,), sha256="0" * 64),
        notes=(Note(kind="x", message=HOSTILE),),
    )
    finding = Finding(kind="autograd", certain=True, evidence=HOSTILE, message=HOSTILE)
    exercise = report.exercises[0].model_copy(
        update={"exercise": HOSTILE, "entry_point": HOSTILE, "findings": (finding,)}
    )
    return report.model_copy(update={"exercises": (exercise, exercise)})


@pytest.fixture
def rich_report() -> Report:
    """Passed, failed with grids of three axes, failed with an exception, missing, and an internal error."""
    deep = Counterexample(
        inputs="x = torch.tensor([1.])",
        expected="torch.tensor([[[1., 0.], [2., 0.]], [[0., 1.], [0., 2.]]])",
        actual="torch.tensor([[[1., 0.], [0., 1.]], [[2., 0.], [0., 2.]]])",
    )
    raised = Counterexample(
        inputs="x = torch.tensor([1.])", expected="torch.tensor([1.])", actual="RuntimeError: mat1 and mat2"
    )
    return report_of(
        check_result(name="done", verdict="passed", points=6.0, hint=None, counterexample=None, message="Right."),
        check_result(),
        check_result(name="deep", counterexample=deep),
        check_result(name="raised", verdict="errored", counterexample=raised),
        check_result(name="open", verdict="missing", message="`open` is not implemented yet.", hint=None),
        check_result(name="ours", verdict="internal_error", points=None, hint=None, counterexample=None),
        notes=(Note(kind="missing_import", message="The module 'cv2' is not installed here."),),
    )
