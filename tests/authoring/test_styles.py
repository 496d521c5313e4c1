"""The skeleton of every call style, in every framework, is an exercise that works as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from grader.authoring import release, skeleton
from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.course.catalog import Catalog
from grader.grading import grade as grading
from grader.grading import report
from grader.sandbox import Sandbox
from grader.selfcheck.session import InThisProcess
from grader.submissions import Submission
from grader.validate import promises, prove
from grader.validate.syntax import load

SLUG = "first_layer"
SECRET = b"the secret of the skeletons in every style"
FRAMEWORKS = ("torch", "numpy", "python")


def made(folder: Path, style: Any, framework: Any) -> Catalog:
    """A course of one skeleton, released."""
    skeleton.new(SLUG, folder / "exercises", style, framework)
    course = catalog.at(folder / "exercises")
    release.release(course, SLUG)
    return course


def verdicts(course: Catalog, file: Path, sandbox: Sandbox) -> dict[str, str]:
    """What hidden grading says about a file, by check."""
    plan = report.plan(course, Assignment(exercises=(Entry(slug=SLUG),)), SECRET)
    submission = Submission("ana", ((file.name, file.read_bytes()),))
    (exercise,) = grading.grade(submission, plan, sandbox).exercises
    return {check.name: check.verdict for check in exercise.checks}


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("style", skeleton.STYLES)
def test_every_skeleton_is_graded(tmp_path: Path, sandbox: Sandbox, style: str, framework: str) -> None:
    """The solution passes, stub and notebook are missing, and the wrong solution gets what its first line says."""
    course = made(tmp_path, style, framework)
    solutions = course.solution(SLUG)
    assert solutions is not None
    assert set(verdicts(course, solutions / "solution.py", sandbox).values()) == {"passed"}
    for stub in ("stub.py", "stub.ipynb"):
        assert set(verdicts(course, course.folder(SLUG) / stub, sandbox).values()) == {"missing"}
    (wrong,) = (solutions / "wrong").iterdir()
    expected = dict(re.findall(r"(\w+)=(\w+)", wrong.read_text().splitlines()[0]))
    assert verdicts(course, wrong, sandbox) == expected


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("style", ["function", "cache", "class"])
def test_the_example_by_hand_is_right(tmp_path: Path, style: str, framework: str) -> None:
    """What the statement computes by hand is what the solution returns and Python prints."""
    course = made(tmp_path, style, framework)
    folder = course.solution(SLUG)
    assert folder is not None
    text = course.statement(SLUG)
    assert "\n>>> " in text
    assert list(promises.untrue_examples(Path("statement.md"), text, load(folder / "solution.py"))) == []


@pytest.mark.parametrize(
    ("style", "framework"), [("function", "numpy"), ("cache", "python"), ("class", "numpy"), ("variables", "torch")]
)
def test_every_style_is_proved(tmp_path: Path, style: str, framework: str) -> None:
    """`grader validate` finds nothing to mend but the words of the statement, and no wrong version survives."""
    proof = prove(made(tmp_path, style, framework), SLUG, 1, sandbox=InThisProcess())
    (problem,) = proof.problems
    assert problem.endswith("is the skeleton's; write the statement in your own words")
    assert proof.of("killed")
    assert not proof.of("survived")


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("style", skeleton.STYLES)
def test_no_placeholder_is_left(tmp_path: Path, style: Any, framework: Any) -> None:
    """Every word of the texts is filled in: none stands in capitals."""
    for path in skeleton.new(SLUG, tmp_path / "exercises", style, framework):
        text = path.read_text().replace("BEGIN SOLUTION", "").replace("END SOLUTION", "")
        assert re.findall(r"[A-Z]{3,}", text) == [], path
