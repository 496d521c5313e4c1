"""What PrairieLearn is told: a score, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.errors import SubmissionError
from grader.grading.report import Plan
from grader.lms import prairielearn, wording
from grader.models import Report
from tests.lms.conftest import SLUGS, Grade, solution, unrun, wrong

Golden = Callable[[str, str], None]


@pytest.fixture(scope="module")
def half_right(grade: Grade) -> Report:
    """One exercise right, the other with a catalogued mistake."""
    return grade(one=solution(SLUGS[0]), two=wrong(SLUGS[1], "no_mask"))


def test_golden_of_a_half_right_submission(half_right: Report, plan: Plan, golden: Golden) -> None:
    """A score between 0 and 1, and a card for each check, in these words."""
    golden("prairielearn_half_right.json", prairielearn.results(half_right, plan).text())


def test_golden_of_nothing_to_read(grade: Grade, plan: Plan, golden: Golden) -> None:
    """What cannot be read costs no attempt."""
    golden("prairielearn_unreadable.json", prairielearn.results(grade(), plan).text())


def test_golden_of_an_internal_error(half_right: Report, plan: Plan, golden: Golden) -> None:
    """A run that was cut short is not gradable: no score, not even an empty one, and no attempt used up."""
    exercises = (half_right.exercises[0], unrun(plan.items[1].exercise))
    cut = half_right.model_copy(update={"score": None, "exercises": exercises})
    golden("prairielearn_slow_platform.json", prairielearn.results(cut, plan).text())


def test_every_card_has_points(half_right: Report, plan: Plan) -> None:
    """Each check has points and max_points, because one card without hides the points of all."""
    results = json.loads(prairielearn.results(half_right, plan).text())
    assert all({"points", "max_points"} <= test.keys() for test in results["tests"])
    earned, most = (sum(test[name] for test in results["tests"]) for name in ("points", "max_points"))
    assert results["score"] == pytest.approx(earned / most, abs=1e-6)


def test_results_stay_below_a_megabyte(half_right: Report, plan: Plan) -> None:
    """Long texts are cut until the file is small enough."""
    check = half_right.exercises[1].checks[0].model_copy(update={"message": "é" * 100_000, "verdict": "failed"})
    exercise = half_right.exercises[1].model_copy(update={"checks": (check,) * 200})
    long = half_right.model_copy(update={"exercises": (exercise,)})
    text = prairielearn.results(long, plan).text()
    assert len(text.encode()) < 10**6
    assert json.loads(text)["tests"][-1]["message"].endswith("[...]")


def test_models_refuse_contradictions() -> None:
    """A score outside of [0, 1], gradable without a score, and a score beside gradable false are refused."""
    for contradiction in ({"score": 1.5}, {}, {"gradable": False, "score": 0.5, "format_errors": ("x",)}):
        with pytest.raises(ValidationError):
            prairielearn.Results.model_validate(contradiction)


def test_reasons_are_harmless_text() -> None:
    """What is said about a file carries no terminal sequence of its name."""
    made = prairielearn.not_gradable("\x1b[31mred.py: is no ordinary file", wording.NOT_FINISHED)
    assert made.format_errors == ("\ufffd[31mred.py: is no ordinary file", wording.NOT_FINISHED)


def test_variant_seed(tmp_path: Path) -> None:
    """The seed may be a number or a text; without one nothing is graded."""
    path = tmp_path / "data.json"
    for written, read in ((7, "7"), ("abc", "abc")):
        path.write_text(json.dumps({"variant_seed": written, "params": {}}))
        assert prairielearn.variant_seed(path) == read
    path.write_text("{}")
    with pytest.raises(SubmissionError, match=r"has no variant_seed .*; is this PrairieLearn\?"):
        prairielearn.variant_seed(path)
