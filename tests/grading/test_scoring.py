"""A check earns all of its points or none, and what we cannot know is null."""

import pytest

from grader.grading import scoring
from grader.models import CheckResult, ExerciseResult, Verdict


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
    """A check passes only if every case passes; no case at all is our fault and no pass."""
    assert scoring.verdict_of(verdicts) == expected


def test_unknown_points_make_an_unknown_score() -> None:
    """Null never counts as zero."""
    assert scoring.total([1.0, None, 2.0]) is None
    assert scoring.total([1.0, 2.0]) == 3.0


def test_a_weight_multiplies_points_and_keeps_null() -> None:
    """An assignment's weight scales points, maximum and score alike."""
    known = CheckResult(
        name="a", points=2.0, max_points=4.0, verdict="failed", cases_passed=1, cases_total=2, message=""
    )
    unknown = known.model_copy(update={"name": "b", "points": None, "verdict": "internal_error"})
    result = ExerciseResult(exercise="e", entry_point="f", score=2.0, max_score=4.0, checks=(known,))
    assert scoring.weighted(result, 2.0).score == 4.0
    assert scoring.weighted(result, 2.0).max_score == 8.0
    broken = result.model_copy(update={"checks": (known, unknown)})
    assert scoring.weighted(broken, 3.0).score is None
