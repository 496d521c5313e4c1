"""A function that raises in every case because of what no reader of names can see: all of the file runs, once."""

from __future__ import annotations

import pytest

from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.grading import grade as grading
from grader.grading import report
from grader.models import Report
from grader.sandbox import Sandbox
from grader.selfcheck.session import LocalSession
from grader.submissions import Submission

SLUG = "vector_matrix_derivative"
SECRET = b"0123456789abcdef0123456789abcdef"
RIGHT = "return x.reshape(-1, x.shape[-1]).sum(0)[:, None].repeat(1, W.shape[1])"
HIDDEN = "import gc\nk = []\nnext(m for m in gc.get_referents([k]) if m is not gc).append(1)\n"
"""Changes k in a way that only running it shows."""
FUNCTION = f"def {SLUG}(W, x):\n    k[0]\n    {RIGHT}\n"
NOTE = (
    f"`{SLUG}` raised an exception until all of your file had run: lines elsewhere set something that it needs. "
    "It costs nothing; define what it needs before it, by name."
)


def graded(source: str, sandbox: grading.Sandbox) -> Report:
    plan = report.plan(catalog.bundled(), Assignment(exercises=(Entry(slug=SLUG),)), SECRET)
    return grading.grade(Submission("ana", (("hw.py", source.encode()),)), plan, sandbox)


class Local:
    """The sandbox of a student's own check."""

    def session(self, files: object, targets: object, limits: object) -> LocalSession:
        return LocalSession(files, targets)  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["behind the wall", "in the student's own process"])
def test_what_only_the_whole_file_sets_is_set(where: str, sandbox: Sandbox) -> None:
    """Full marks, and a note that says what to do, wherever it is graded."""
    made = graded(HIDDEN + FUNCTION, sandbox if where == "behind the wall" else Local())
    assert made.score == made.max_score
    assert [note.message for note in made.notes if note.kind == "whole_file"] == [NOTE]


@pytest.mark.parametrize("end", ["", "import os\nos._exit(1)\n", "while True: pass\n", "raise SystemExit\n"])
def test_an_error_of_the_function_stays_what_it_is(end: str, sandbox: Sandbox) -> None:
    """However the rest of the file ends: the exception is told as it was raised, and nothing is said of the file."""
    made = graded(f"k = []\n{FUNCTION}{end}", sandbox)
    assert made.score == 0
    (exercise,) = made.exercises
    assert {check.verdict for check in exercise.checks} == {"errored"}
    assert all("IndexError" in check.message for check in exercise.checks)
    assert not [note for note in made.notes if note.kind == "whole_file"]


def test_an_unfinished_function_does_not_run_the_file(sandbox: Sandbox) -> None:
    """It says itself that nothing is to be had yet."""
    source = HIDDEN + f"def {SLUG}(W, x):\n    if not k: raise NotImplementedError\n    {RIGHT}\n"
    made = graded(source, sandbox)
    assert made.score == 0
    assert not [note for note in made.notes if note.kind == "whole_file"]
