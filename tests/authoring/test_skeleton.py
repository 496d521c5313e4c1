"""A new exercise: the skeleton works as it is, and nothing that exists is touched."""

from pathlib import Path

import pytest

from grader.authoring import skeleton
from grader.cases.suite import prepare
from grader.course.catalog import Catalog
from grader.errors import ExerciseError
from grader.grading.compare import agrees

SECRET = b"the secret of the skeleton's test"


def test_the_skeleton_is_a_working_exercise(course: Catalog) -> None:
    """It loads, it can be drawn cases for, and its chain gives the right answer."""
    exercise, chain = course.load("small"), course.chain("small")
    assert chain is not None
    for case in prepare(exercise, SECRET).cases:
        (value,) = chain.evaluate(("dloss_dw",), case.inputs)
        assert agrees(value, case.expected["dloss_dw"])


def test_no_placeholder_is_left(course: Catalog) -> None:
    """The slug and the title are filled in everywhere."""
    assert course.solutions is not None
    for path in (*course.exercises.rglob("*.*"), *course.solutions.rglob("*.*")):
        assert "SLUG" not in path.read_text(), path
        assert "TITLE" not in path.read_text(), path


def test_an_existing_exercise_is_not_touched(course: Catalog) -> None:
    """A slug that is taken, in either folder, is refused before anything is written."""
    with pytest.raises(ExerciseError, match="small: is there already; choose another slug or remove the folder first"):
        skeleton.new("small", course.exercises)
    assert course.solutions is not None
    (course.solutions / "other").mkdir()
    with pytest.raises(ExerciseError, match="is there already"):
        skeleton.new("other", course.exercises)
    assert not (course.exercises / "other").exists()


@pytest.mark.parametrize("slug", ["two words", "../up", "2nd", ""])
def test_a_slug_is_a_name(tmp_path: Path, slug: str) -> None:
    """A slug becomes folder, module and function name, so it must be one."""
    with pytest.raises(ExerciseError, match="cannot name an exercise; use letters, digits and _"):
        skeleton.new(slug, tmp_path / "exercises")
    assert not (tmp_path / "exercises").exists()
