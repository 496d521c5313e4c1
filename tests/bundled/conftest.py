"""What the tests of the course share: the catalog, the reference functions, and grading in the real sandbox."""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from grader.cases import suite as cases
from grader.cases.suite import Suite
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.exercise import Exercise
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Plan
from grader.models import Report
from grader.sandbox import Sandbox
from grader.submissions import Submission

Files = dict[str, str]
"""Name -> text of the files of one submission."""


@pytest.fixture(scope="session")
def courses() -> Catalog:
    """The bundled course."""
    return catalog.bundled()


def function_in(path: Path, name: str) -> Callable[..., object]:
    """A function that a solution file defines."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., object] = getattr(module, name)
    return function


@pytest.fixture(scope="session")
def reference(courses: Catalog) -> Callable[[str], Callable[..., object]]:
    """slug -> the reference solution's function."""
    assert courses.solutions is not None
    folder = courses.solutions
    return lambda slug: function_in(folder / slug / "solution.py", courses.load(slug).entry_point)


@pytest.fixture(scope="session")
def graded(courses: Catalog, sandbox: Sandbox) -> Callable[[Files, bytes, tuple[str, ...]], Report]:
    """Grade files on the named exercises under a secret, behind the real wall; cases are drawn once per secret."""
    suites: dict[str, Suite] = {}
    drawn_with = b""

    def prepare(exercise: Exercise, secret: bytes, student: str) -> Suite:
        nonlocal drawn_with
        if secret != drawn_with:
            suites.clear()
            drawn_with = secret
        if exercise.slug not in suites:
            suites[exercise.slug] = cases.prepare(exercise, secret, student)
        return suites[exercise.slug]

    @lru_cache(maxsize=2)
    def plan(secret: bytes, slugs: tuple[str, ...]) -> Plan:
        assignment = Assignment(exercises=tuple(Entry(slug=slug) for slug in slugs))
        return report.plan(courses, assignment, secret, prepare=prepare)

    def grade(files: Files, secret: bytes, slugs: tuple[str, ...]) -> Report:
        content = tuple((name, text.encode()) for name, text in sorted(files.items()))
        return grading.grade(Submission("ana", content), plan(secret, slugs), sandbox)

    return grade
