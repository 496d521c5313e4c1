"""One submission, from bytes to report, through the real sandbox."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grader.course import assignment, catalog
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Plan
from grader.models import Report
from grader.sandbox import Sandbox
from grader.submissions import Submission

SECRET = b"0123456789abcdef0123456789abcdef"
RIGHT = """
import torch
def vector_matrix_derivative(W, x):
    return x.reshape(-1, x.shape[-1]).sum(0)[:, None].repeat(1, W.shape[1])
def batched_backward(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ a
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    courses = catalog.bundled()
    only = ["vector_matrix_derivative", "batched_backward"]
    return report.plan(courses, assignment.default(courses), SECRET, only=only)


@pytest.fixture
def graded(plan: Plan, sandbox: Sandbox) -> Callable[[str], Report]:
    """Grade source text as one file `hw.py`."""
    return lambda source: grading.grade(Submission("ana", (("hw.py", source.encode()),)), plan, sandbox)


def verdicts(result: Report) -> dict[str, str]:
    return {check.name: check.verdict for exercise in result.exercises for check in exercise.checks}


def test_a_right_submission_has_full_marks(graded: Callable[[str], Report]) -> None:
    """Every check passes and the score is the maximum."""
    result = graded(RIGHT)
    assert result.status == "graded"
    assert result.score == result.max_score == 20.0
    assert set(verdicts(result).values()) == {"passed"}


def test_the_same_bytes_give_the_same_report(graded: Callable[[str], Report]) -> None:
    """Reports of the same submission under the same secret are equal in every byte, time and machine aside."""
    wrong = RIGHT.replace("2 * (p - t)", "(p - t)")
    first, second = graded(wrong), graded(wrong)
    left_out = {"wall_seconds", "environment"}
    assert first.model_dump_json(exclude=left_out) == second.model_dump_json(exclude=left_out)


def test_half_a_submission_keeps_what_is_right(graded: Callable[[str], Report]) -> None:
    """An output that is None is missing; the other output keeps its points."""
    result = graded(RIGHT.replace("return X.T @ (g[:, None] * wout * (h > 0)), g @ a", "return None, g @ a"))
    assert verdicts(result) == {
        "one_observation": "passed",
        "batch": "passed",
        "dloss_dW": "missing",
        "dloss_dwout": "passed",
    }
    assert result.score == 14.0


def test_a_crash_costs_its_own_exercise_only(plan: Plan, sandbox: Sandbox) -> None:
    """A function that crashes in every case leaves the other functions' marks alone, in whatever order they come."""
    crash = "def vector_matrix_derivative(W, x):\n    import ctypes\n    ctypes.string_at(0)\n"
    submission = Submission("ana", (("hw.py", (RIGHT + crash).encode()),))
    backwards = replace(plan, items=tuple(reversed(plan.items)))
    for ordered in (plan, backwards):
        result = grading.grade(submission, ordered, sandbox)
        assert verdicts(result)["one_observation"] == "errored"
        assert verdicts(result)["dloss_dW"] == verdicts(result)["dloss_dwout"] == "passed"


def test_a_loop_is_timed_out_and_the_rest_is_skipped(plan: Plan, sandbox: Sandbox) -> None:
    """After two timeouts the exercise's remaining cases are skipped; the verdict is timed_out."""
    courses = catalog.bundled()
    quick = assignment.Assignment(limits=assignment.LimitsOverride(cpu_seconds=0.3))
    hasty = report.plan(courses, quick, SECRET, only=["vector_matrix_derivative", "batched_backward"])
    source = RIGHT + "def vector_matrix_derivative(W, x):\n    while True:\n        pass\n"
    result = grading.grade(Submission("ana", (("hw.py", source.encode()),)), hasty, sandbox)
    assert verdicts(result)["one_observation"] == "timed_out"
    assert verdicts(result)["batch"] == "skipped"
    assert verdicts(result)["dloss_dW"] == "passed"


def test_a_loop_at_import_is_timed_out(sandbox: Sandbox) -> None:
    """A file that loops while it is loaded is graded as timed_out, with the reason, and not as unreadable."""
    courses = catalog.bundled()
    quick = assignment.Assignment(limits=assignment.LimitsOverride(cpu_seconds=0.3))
    hasty = report.plan(courses, quick, SECRET, only=["vector_matrix_derivative"])
    source = RIGHT + "\nwhile True:\n    vector_matrix_derivative = None\n"
    result = grading.grade(Submission("ana", (("hw.py", source.encode()),)), hasty, sandbox)
    assert result.status == "graded"
    check = result.exercises[0].checks[0]
    assert check.verdict == "timed_out"
    assert check.message.startswith("Loading your file ran longer than 0.3 s of processor time")


def test_only_one_shape_of_x(graded: Callable[[str], Report]) -> None:
    """A function that handles a batch only loses the other check only."""
    result = graded(RIGHT.replace("x.reshape(-1, x.shape[-1]).sum(0)", "torch.einsum('nd->d', x)"))
    assert verdicts(result)["one_observation"] == "errored"
    assert verdicts(result)["batch"] == "passed"


def test_a_string_is_no_answer(graded: Callable[[str], Report]) -> None:
    """A returned error text is a failed check with a sentence of its own."""
    result = graded("def vector_matrix_derivative(W, x):\n    return 'x must be a vector'\n")
    batch = result.exercises[0].checks[-1]
    assert batch.verdict == "failed"
    assert batch.message.startswith("dy_dW should be a torch tensor, but it is a text (a string).")


def test_a_stub_is_not_implemented_yet(graded: Callable[[str], Report]) -> None:
    """None, NotImplementedError and `raise NotImplemented` are missing, never wrong."""
    for body in ("return None", "raise NotImplementedError", "raise NotImplemented", "pass"):
        result = graded(f"def vector_matrix_derivative(W, x):\n    {body}\n")
        assert verdicts(result)["batch"] == "missing", body
        assert "not implemented yet" in result.exercises[0].checks[-1].message


def test_hidden_inputs_do_not_come_back_in_exception_texts(graded: Callable[[str], Report]) -> None:
    """Whatever a submission raises on a hidden case, its text is not repeated in the report."""
    raising = "    assert W.numel() < 13, f'leak {W.tolist()}'\n    return x.reshape"
    source = RIGHT.replace("    return x.reshape", raising)
    text = graded(source).model_dump_json()
    assert "raised AssertionError" in text
    assert "leak [[" not in text


def test_what_the_shown_example_prints(graded: Callable[[str], Report]) -> None:
    """It stands beside the example, from a worker that has seen no hidden inputs: none are left to be printed."""
    seen = "SEEN = []\ndef batched_backward(X, t, W, wout):\n    SEEN.append(X.numel())\n    print(max(SEEN), X)\n"
    checks = (
        graded(RIGHT.replace("def batched_backward(X, t, W, wout):\n", seen).replace("2 * (p", "(p"))
        .exercises[1]
        .checks
    )
    printed = [check.counterexample.printed for check in checks if check.counterexample]
    assert len(printed) == 2
    assert all(
        each.startswith(("1 tensor", "2 tensor", "3 tensor", "4 tensor", "6 tensor", "9 tensor")) for each in printed
    )


def test_a_worker_cannot_smuggle_hidden_inputs_through_a_quoted_line(graded: Callable[[str], Report]) -> None:
    """A line is quoted from a traceback only if it stands in the submitted file."""
    source = """
import torch
def vector_matrix_derivative(W, x):
    code = "def f():\\n    raise ValueError  # smuggled " + str(W.tolist()).replace("\\n", "")
    space = {}
    import linecache
    lines = code.splitlines(True)
    linecache.cache["hw.py"] = (len(code), None, lines, "hw.py")
    exec(compile(code, "hw.py", "exec"), space)
    space["f"]()
"""
    text = graded(source).model_dump_json()
    assert "raised ValueError" in text
    assert "# smuggled [[" not in text
