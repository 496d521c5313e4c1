"""The walk of docs/authoring.md, done as written outside the repository: from a forward pass to a valid exercise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.grading import grade as grading
from grader.grading import report
from grader.models import CheckResult
from grader.sandbox import Sandbox
from grader.submissions import Submission

SLUG = "softmax_cross_entropy"
TEXT = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
FILES = {
    path: code
    for path, code in re.findall(r"^```python (\S+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    if SLUG in path
}
SECRET = b"the secret of the walk through it"


def grader(folder: Path, *arguments: str) -> str:
    """Run the command line in a folder; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has followed the page up to and including the release."""
    folder = tmp_path_factory.mktemp("course")
    (command,) = re.findall(rf"`grader (new {SLUG} [^`]*)`", TEXT)
    grader(folder, *command.split())
    for path, code in FILES.items():
        assert (folder / path).parent.is_dir(), f"{path}: `grader new` makes the folder"
        (folder / path).write_text(code, encoding="utf-8")
    (leftover,) = re.findall(r"Remove the skeleton's own `([^`]*)`", TEXT)
    (folder / leftover).unlink()
    (folder / "exercises" / SLUG / "statement.md").write_text(
        "# Softmax cross-entropy\n\nIn words.\n", encoding="utf-8"
    )
    released = grader(folder, "release", SLUG, "--exercises", "exercises")
    assert "stub.py" in released
    return folder


def checks(folder: Path, source: str, sandbox: Sandbox) -> tuple[CheckResult, ...]:
    """What the new exercise says about a submission."""
    assignment = Assignment(exercises=(Entry(slug=SLUG),))
    plan = report.plan(catalog.at(folder / "exercises"), assignment, SECRET)
    (exercise,) = grading.grade(Submission("ana", (("hw.py", source.encode()),)), plan, sandbox).exercises
    return exercise.checks


def test_the_author_writes_fewer_than_forty_lines() -> None:
    """Forward pass, reference, misconception and wrong solution together, empty lines aside."""
    assert len(FILES) == 4
    assert sum(1 for code in FILES.values() for line in code.splitlines() if line.strip()) < 40


def test_the_course_lists_the_new_exercise(walked: Path) -> None:
    """`grader list --exercises` shows it with its points."""
    listed = grader(walked, "list", "--exercises", "exercises")
    assert SLUG in listed
    assert "10" in listed


def test_a_student_can_start_it(walked: Path) -> None:
    """The stub has the signature and not the solution."""
    grader(walked, "start", SLUG, "--into", "mine", "--exercises", "exercises")
    stub = (walked / "mine" / f"{SLUG}.py").read_text()
    assert f"def {SLUG}(Z, y):" in stub
    assert "one_hot" not in stub


def test_the_reference_passes_and_the_stub_is_missing(walked: Path, sandbox: Sandbox) -> None:
    """Full marks for the solution, "not implemented yet" for the stub."""
    solution = (walked / "solutions" / SLUG / "solution.py").read_text()
    assert [(check.verdict, check.points) for check in checks(walked, solution, sandbox)] == [("passed", 10.0)]
    stub = (walked / "exercises" / SLUG / "stub.py").read_text()
    assert [check.verdict for check in checks(walked, stub, sandbox)] == ["missing"]


def test_the_wrong_solution_is_named(walked: Path, sandbox: Sandbox) -> None:
    """It fails with the name and the hint that the author wrote."""
    wrong = (walked / "solutions" / SLUG / "wrong" / "wrong_axis.py").read_text()
    (check,) = checks(walked, wrong, sandbox)
    assert (check.verdict, check.misconception, check.hint) == (
        "failed",
        "wrong-axis",
        "Which numbers must add up to 1?",
    )


def test_the_exercise_validates(walked: Path) -> None:
    """`grader validate` accepts what the page describes."""
    said = grader(walked, "validate", SLUG, "--exercises", "exercises")
    assert f"proved  {SLUG}: " in said
    assert " 0 survived" in said
