"""Exercises are found on disk: a folder with an exercise.py, and nothing to register."""

import re
from pathlib import Path

import pytest

from grader.course import catalog
from grader.errors import ExerciseError
from grader.exercise import Exercise

SOURCE = """
from jaxtyping import Float
from torch import Tensor
from grader.exercise import Exercise, Gradient

def f(x: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    return (x * x).sum()

exercise = Exercise(entry_point="g", forward=f, asks={"dx": Gradient("x")}, sizes={"D": (1, 4)}, requires=REQUIRES)
"""


def write(folder: Path, slug: str, requires: tuple[str, ...] = ()) -> Path:
    path = folder / slug / "exercise.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE.replace("REQUIRES", repr(requires)))
    return path


def test_course_order_puts_prerequisites_first(tmp_path: Path) -> None:
    """Slugs come with prerequisites first, whatever their names."""
    write(tmp_path, "a_last", ("z_first",))
    write(tmp_path, "z_first")
    assert catalog.at(tmp_path).slugs() == ("z_first", "a_last")


def test_a_circle_of_prerequisites_costs_its_exercises_alone(tmp_path: Path) -> None:
    """Exercises that wait for each other are left out and named once; one that waits for them is not in the circle."""
    for slug, requires in {"a": "b", "b": "a", "c": "c", "d": "a", "e": ""}.items():
        write(tmp_path, slug, tuple(filter(None, [requires])))
    courses = catalog.at(tmp_path)
    assert courses.slugs() == ("d", "e")
    around = r"requires: these exercises wait for each other: (a -> b -> a|b -> a -> b); remove one `requires`"
    circle, itself = map(str, courses.broken())
    assert re.fullmatch(around, circle)
    assert itself == "requires: these exercises wait for each other: c -> c; remove one `requires`"
    with pytest.raises(ExerciseError, match=around):
        courses.select(["b"])


def test_two_exercises_of_one_name_cost_themselves_alone(tmp_path: Path) -> None:
    """Nobody can tell which is meant: both are left out and named, also by whoever asks for them."""
    for place in ("one/twin", "two/twin", "one/a"):
        write(tmp_path / place.split("/")[0], place.split("/")[1])
    for courses in (catalog.at(tmp_path), catalog.at(tmp_path).kept()):
        assert courses.slugs() == tuple(courses.folders()) == ("a",)
        (error,) = courses.broken()
        assert (
            str(error)
            == f"{tmp_path / 'one/twin'} and {tmp_path / 'two/twin'} are both called 'twin'; rename one of them"
        )
        with pytest.raises(ExerciseError, match="are both called 'twin'"):
            courses.select(["twin"])


def test_an_unknown_slug_names_the_known_ones(tmp_path: Path) -> None:
    """A misspelt slug is answered with what there is."""
    write(tmp_path, "a")
    with pytest.raises(ExerciseError, match=r"there is no exercise 'b' in .* \(there: a\)"):
        catalog.at(tmp_path).load("b")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x = 1", "defines no `exercise`"),
        ("import no_such_module", "cannot be run (ModuleNotFoundError"),
        ("def f(:", "cannot be run (SyntaxError"),
    ],
)
def test_a_broken_exercise_file_names_the_file(tmp_path: Path, source: str, sentence: str) -> None:
    """An exercise.py that cannot be used is refused with its path."""
    path = write(tmp_path, "a")
    path.write_text(source)
    with pytest.raises(ExerciseError) as refusal:
        catalog.at(tmp_path).load("a")
    assert str(refusal.value).startswith(str(path))
    assert sentence in str(refusal.value)


def test_the_bundled_course_loads() -> None:
    """Every bundled exercise loads, and the two that the project is named after are there."""
    courses = catalog.bundled()
    exercises = courses.select()
    assert {"vector_matrix_derivative", "batched_backward"} <= {exercise.slug for exercise in exercises}
    assert all(isinstance(exercise, Exercise) and exercise.max_score > 0 for exercise in exercises)


def test_solutions_do_not_travel(tmp_path: Path) -> None:
    """Without a solutions folder there is no chain, and nothing breaks."""
    write(tmp_path / "exercises", "a")
    courses = catalog.at(tmp_path / "exercises")
    assert courses.solutions is None
    assert courses.chain("a") is None
    assert [path.name for path in courses.files("a")] == ["exercise.py"]


@pytest.mark.parametrize("source", ["def f(:", "raise SystemExit(1)", "x = 1", "import no_such_module"])
def test_a_broken_exercise_costs_no_other(tmp_path: Path, source: str) -> None:
    """The others load in order, the broken one is named with its file, and asking for it by name is refused."""
    write(tmp_path, "b", ("a",))
    write(tmp_path, "a")
    path = write(tmp_path, "kaput")
    path.write_text(source)
    courses = catalog.at(tmp_path)
    assert courses.slugs() == ("a", "b")
    assert [each.slug for each in courses.select(["b"])] == ["b"]
    assert [str(each).partition(": ")[0] for each in courses.broken()] == [str(path)]
    with pytest.raises(ExerciseError, match="kaput"):
        courses.select(["a", "kaput"])


def test_a_course_of_broken_exercises_alone_is_refused(tmp_path: Path) -> None:
    """Where nothing is left to grade, the first folder's error is raised."""
    write(tmp_path, "a").write_text("x = 1")
    with pytest.raises(ExerciseError, match="defines no `exercise`"):
        catalog.at(tmp_path).select()


def test_a_kept_catalog_reads_an_exercise_once(tmp_path: Path) -> None:
    """It says the same as any other, and hears of no later change."""
    write(tmp_path, "a")
    kept = catalog.at(tmp_path).kept()
    assert kept.slugs() == catalog.at(tmp_path).slugs() == ("a",)
    (tmp_path / "a" / "exercise.py").write_text("x = 1")
    assert kept.load("a") is kept.select()[0]
    assert kept.broken() == ()
    with pytest.raises(ExerciseError, match="there is no exercise 'b'"):
        kept.select(["b"])
