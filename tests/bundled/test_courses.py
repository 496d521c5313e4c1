"""The courses in other call styles: references earn everything, wrong solutions what they promise, stubs nothing."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from grader.authoring import release
from grader.course import assignment, catalog
from grader.course.catalog import Catalog
from grader.models import Report
from grader.validate import promises
from grader.validate.syntax import load

COURSE = catalog.bundled()
COURSES = ("layers", "modules", "cells")
SLUGS = [slug for course in COURSES for slug in COURSE.slugs(course)]
SECRET = b"the secret of the wrong solutions"

Grade = Callable[[dict[str, str], bytes, tuple[str, ...]], Report]


def solution(slug: str) -> Path:
    folder = COURSE.solution(slug)
    assert folder is not None
    return folder


def verdicts(result: Report) -> dict[str, str]:
    return {check.name: check.verdict for exercise in result.exercises for check in exercise.checks}


@pytest.mark.parametrize("slug", SLUGS)
def test_right_wrong_and_untouched(graded: Grade, slug: str) -> None:
    """References pass as script and notebook, stubs are missing, wrong solutions have the promised verdicts."""
    references = {path.name: path.read_text() for path in solution(slug).glob("*.py")}
    references["solution.ipynb"] = nbformat.writes(release.filled(COURSE, slug))
    for name, text in references.items():
        if name != "misconceptions.py":
            found = verdicts(graded({name: text}, SECRET, (slug,)))
            assert set(found.values()) == {"passed"}, (name, found)
    for stub in COURSE.folder(slug).glob("stub.*"):
        found = verdicts(graded({f"hw{stub.suffix}": stub.read_text()}, SECRET, (slug,)))
        assert set(found.values()) == {"missing"}, (stub.name, found)
    for path in sorted(solution(slug).glob("wrong/*.py")):
        (exercise,) = graded({"hw.py": path.read_text()}, SECRET, (slug,)).exercises
        assert list(promises.kept(path, exercise, promises.names(COURSE.load(slug), None))) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_an_exercise_is_complete(slug: str) -> None:
    """Statement with all its parts, generated files that are up to date, two references, and wrong solutions."""
    text = COURSE.statement(slug)
    assert text.startswith(f"# {COURSE.load(slug).title}\n")
    for heading in ("## What is given", "## What to write", "## By hand", "## Key idea", "## Read on"):
        assert f"\n{heading}\n" in text
    assert release.stale(COURSE, slug) == {}
    assert len(list(solution(slug).glob("*.py"))) >= 2
    assert len(list(solution(slug).glob("wrong/*.py"))) >= 2
    usage = COURSE.load(slug).usage
    assert usage is not None
    assert all(line in text for line in usage.lines)


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if COURSE.course(slug) != "cells"])
def test_the_example_by_hand_is_true(slug: str) -> None:
    """Every pycon block prints what the reference solution returns."""
    text = COURSE.statement(slug)
    assert "\n>>> " in text
    assert list(promises.untrue_examples(Path(slug), text, load(solution(slug) / "solution.py"))) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_other_conventions_are_tried(slug: str) -> None:
    """For each convention that other courses have there is a wrong solution that is told so by name."""
    expected = (promises.expectation(path).values() for path in solution(slug).glob("wrong/*.py"))
    named = {name for verdicts in expected for _, name in verdicts}
    assert named >= {convention.slug for convention in COURSE.load(slug).conventions}


@pytest.mark.parametrize("name", COURSES)
def test_each_course_has_its_assignment(name: str) -> None:
    """An assignment file per course names all of its exercises."""
    courses: Catalog = COURSE
    chosen = assignment.load(courses.exercises / name / "assignment.toml").chosen(courses)
    assert [exercise.slug for exercise, _ in chosen] == list(courses.slugs(name))
