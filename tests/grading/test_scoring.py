"""A check earns all of its points or none, and what we cannot know is null."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.course import catalog
from grader.grading import scoring
from grader.models import CheckResult, Finding, Verdict


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "failed", "errored"], "failed"),
        (["passed", "timed_out", "skipped"], "timed_out"),
        (["skipped", "skipped"], "skipped"),
        (["skipped", "errored"], "errored"),
        ([], "internal_error"),
    ],
)
def test_one_bad_case_decides(verdicts: list[Verdict], expected: Verdict) -> None:
    """A check passes only if every case passes; no case at all is an internal error and no pass."""
    assert scoring.verdict_of(verdicts) == expected


def test_unknown_points_make_an_unknown_score() -> None:
    """Null never counts as zero."""
    assert scoring.total([1.0, None, 2.0]) is None
    assert scoring.total([1.0, 2.0]) == 3.0


def test_points_follow_verdict_weight_and_findings() -> None:
    """A weight scales points and maximum alike; a certain finding that costs takes points, and null stays null."""
    exercise = catalog.bundled().load("batched_backward")
    passed, unknown = scoring.not_run(exercise, "internal_error", "")
    right = [check.model_copy(update={"verdict": "passed"}) for check in (passed, unknown)]
    most = exercise.max_score
    found = [Finding(kind="autograd", certain=True, evidence="", message="")]

    def score(checks: Sequence[CheckResult], costs: set[str], weight: float = 3.0) -> float | None:
        result = scoring.exercise_result(exercise, checks, weight, found, costs)
        assert (result.max_score, [check.max_points for check in result.checks]) == (
            most * weight,
            [check.points * weight for check in exercise.checks],
        )
        return result.score

    assert score(right, set()) == most * 3
    assert score(right, {"autograd"}) == 0
    assert score([right[0], unknown], {"autograd"}) is None
    assert score([right[0], right[1].model_copy(update={"verdict": "failed"})], set(), 1.0) == exercise.checks[0].points
