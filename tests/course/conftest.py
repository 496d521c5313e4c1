"""What the tests of the course share: the catalog, the reference functions, and grading in the real sandbox."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import catalog, grading, report
from grader.assignment import Assignment, Entry
from grader.catalog import Catalog
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
    """Grade files on the named exercises under a secret, behind the real wall."""

    def grade(files: Files, secret: bytes, slugs: tuple[str, ...]) -> Report:
        assignment = Assignment(exercises=tuple(Entry(slug=slug) for slug in slugs))
        plan = report.plan(courses, assignment, secret)
        content = tuple((name, text.encode()) for name, text in sorted(files.items()))
        return grading.grade(Submission("ana", content), plan, sandbox)

    return grade
