"""An assignment file chooses exercises, weights, limits and policy."""

from pathlib import Path

import pytest

from grader.course import assignment, catalog
from grader.errors import AssignmentError
from grader.exercise import Limits


def load(tmp_path: Path, text: str) -> assignment.Assignment:
    path = tmp_path / "assignment.toml"
    path.write_text(text)
    return assignment.load(path)


def test_it_chooses_and_weighs(tmp_path: Path) -> None:
    """Listed exercises are graded with their weights, the others are not."""
    chosen = load(tmp_path, '[[exercises]]\nslug = "batched_backward"\nweight = 2\n').chosen(catalog.bundled())
    assert [(exercise.slug, weight) for exercise, weight in chosen] == [("batched_backward", 2.0)]


def test_no_list_means_all() -> None:
    """The bundled assignment is all exercises, in course order."""
    courses = catalog.bundled()
    chosen = assignment.default(courses).chosen(courses)
    assert [exercise.slug for exercise, _ in chosen] == list(courses.slugs(""))


def test_limits_replace_the_exercises_own(tmp_path: Path) -> None:
    """Only what is set is replaced."""
    limits = load(tmp_path, "[limits]\ncpu_seconds = 2.5\n").limits.apply(Limits(memory_bytes=2**28))
    assert limits.cpu_seconds == 2.5
    assert limits.memory_bytes == 2**28


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[exercises]]\nslug = 3\n", "exercises.0.slug"),
        ("colour = 'red'\n", "colour: Extra inputs are not permitted; known fields: title, exercises"),
        ("[limits]\ncpu_seconds = -1\n", "limits.cpu_seconds: Input should be greater than 0"),
        ("title = \n", "is not valid TOML"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path: Path, text: str, sentence: str) -> None:
    """A mistake in the file is answered with the file, the field and the remedy."""
    with pytest.raises(AssignmentError) as refusal:
        load(tmp_path, text)
    assert "assignment.toml" in str(refusal.value)
    assert sentence in str(refusal.value)
