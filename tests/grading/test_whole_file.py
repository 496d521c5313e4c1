"""A function that raises in every case because of what no reader of names can see: all of the file runs, once."""

from __future__ import annotations

import pytest

from grader.course import catalog
from grader.course.assignment import Assignment, Entry
from grader.grading import grade as grading
from grader.grading import report
from grader.models import Report
from grader.sandbox import Sandbox
from grader.sandbox.session import WorkerSession
from grader.submissions import Submission
from tests.conftest import InThisProcess

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


MODULE = """
class Linear:
    def __init__(self, inputs, outputs): self.W, self.b = None, None
    def zero_grad(self): self.dW, self.db = 0, 0
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
"""
BACKWARD = """
def backward(self, dout):
    self.dW = self.dW + self.x.T @ dout
    self.db = self.db + dout.sum(0)
    return dout @ self.W.T
"""
METHOD = BACKWARD.replace("\n", "\n    ")
ATTACHED = f"{BACKWARD}import gc\nnext(c for c in gc.get_referents([Linear]) if c is not gc).backward = backward\n"


def graded(source: str, sandbox: grading.SubmissionRunner, slug: str = SLUG) -> Report:
    plan = report.plan(catalog.bundled(), Assignment(exercises=(Entry(slug=slug),)), SECRET)
    return grading.grade(Submission("ana", (("hw.py", source.encode()),)), plan, sandbox)


@pytest.mark.parametrize("where", ["behind the wall", "in the student's own process"])
def test_what_only_the_whole_file_sets_is_set(where: str, sandbox: Sandbox) -> None:
    """Full marks, and a note that says what to do, wherever it is graded."""
    made = graded(HIDDEN + FUNCTION, sandbox if where == "behind the wall" else InThisProcess())
    assert made.score == made.max_score
    assert [note.message for note in made.notes if note.kind == "whole_file"] == [NOTE]


@pytest.mark.parametrize(
    "source",
    [
        HIDDEN + MODULE + METHOD.replace("self.dW =", "self.dW = k[0] *", 1),
        HIDDEN + MODULE.replace("= None, None", "= k[0], None") + METHOD,
        MODULE + ATTACHED,
    ],
    ids=["raised after a result", "raised at once", "an attribute that is not there"],
)
def test_a_use_of_several_names_is_rescued_as_well(source: str, sandbox: Sandbox) -> None:
    """Also where some of its results came without the rest of the file."""
    made = graded(source, sandbox, "linear_module")
    assert made.score == made.max_score
    assert [note.kind for note in made.notes] == ["whole_file"]


def test_an_error_of_a_use_stays_what_it_is(sandbox: Sandbox) -> None:
    """The results before it keep their points, and the rest of the file is not spoken of."""
    made = graded(f"k = []\n{MODULE}{METHOD.replace('self.dW =', 'self.dW = k[0] *', 1)}", sandbox, "linear_module")
    assert [(check.name, check.verdict) for check in made.exercises[0].checks][:2] == [
        ("out", "passed"),
        ("dx", "errored"),
    ]
    assert made.notes == ()


@pytest.mark.parametrize("end", ["", "import os\nos._exit(1)\n", "while True: pass\n", "raise SystemExit\n"])
def test_an_error_of_the_function_stays_what_it_is(end: str, sandbox: Sandbox) -> None:
    """However the rest of the file ends: the exception is told as it was raised, and nothing is said of the file."""
    made = graded(f"k = []\n{FUNCTION}{end}", sandbox)
    assert made.score == 0
    (exercise,) = made.exercises
    assert {check.verdict for check in exercise.checks} == {"errored"}
    assert all("IndexError" in check.message for check in exercise.checks)
    assert not [note for note in made.notes if note.kind == "whole_file"]


def test_cells_do_not_run_the_file(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are computed from given variables, so the rest of a notebook could not help."""
    asked: list[bool] = []
    forget = WorkerSession.forget
    monkeypatch.setattr(
        WorkerSession, "forget", lambda self, *, everything=False: asked.append(everything) or forget(self)
    )
    graded("dlogprobs = 1 / 0", sandbox, "backward_pass_cells")
    assert asked
    assert not any(asked)


def test_an_unfinished_function_does_not_run_the_file(sandbox: Sandbox) -> None:
    """It says itself that nothing is to be had yet."""
    source = HIDDEN + f"def {SLUG}(W, x):\n    if not k: raise NotImplementedError\n    {RIGHT}\n"
    made = graded(source, sandbox)
    assert made.score == 0
    assert not [note for note in made.notes if note.kind == "whole_file"]
