"""From evidence to findings: sentences, prices, and nothing that a worker could smuggle out through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner

from grader.course import catalog
from grader.course.assignment import Assignment, Entry, Policy
from grader.course.catalog import Catalog
from grader.grading import findings, report
from grader.grading import grade as grading
from grader.models import Finding, Report
from grader.sandbox import Sandbox
from grader.sandbox.quoting import Quotes
from grader.submissions import Submission
from grader.wire.outcome import Evidence

SECRET = b"0123456789abcdef0123456789abcdef"
AUTOGRAD = b"""import torch


def vector_matrix_derivative(W, x):
    return torch.autograd.functional.jacobian(lambda weights: (x @ weights).sum(), W)
"""
BY_HAND = b"""def vector_matrix_derivative(W, x):
    return x.reshape(-1, x.shape[-1]).sum(0)[:, None].repeat(1, W.shape[1])
"""
DEFAULT = Policy()
SEEN = "torch.autograd computed gradients, hw.py, line 2: `loss.backward()`"
FILES = [("hw.py", b"import torch\nloss.backward()\n")]


def judged(
    text: str = SEEN,
    kind: str = "autograd",
    certain: bool = True,
    *,
    read: Sequence[Evidence] = (),
    policy: Policy = DEFAULT,
    forbids: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """The findings of an exercise whose calls showed this, if it is any text; read: what its source shows."""
    during = [Evidence(kind, certain, text)] if text else []
    return findings.judged("f", during, read, Quotes(FILES), costs=policy.costly, forbids=forbids)


def graded(source: bytes, sandbox: Sandbox, policy: Policy, *weights: float) -> Report:
    """The report of a submission under a policy."""
    entries = (Entry(slug="vector_matrix_derivative", weight=weights[0] if weights else 1.0),)
    plan = report.plan(catalog.bundled(), Assignment(exercises=entries, policy=policy), SECRET)
    return grading.grade(Submission("ana", (("hw.py", source),)), plan, sandbox)


LONG_LINE = b"""import torch


def vector_matrix_derivative(W, x):
    leaf = W.clone().requires_grad_(True); unused = (%b); (x @ leaf).sum().backward(); return leaf.grad  # %b
""" % (b", ".join([b"leaf[0]"] * 20), b"\xe2\x80\xaeodd\xc2\xa0\x07")


def test_a_long_line_with_odd_characters_keeps_its_place(sandbox: Sandbox) -> None:
    """What is shown of it stands in the file."""
    made = graded(LONG_LINE, sandbox, Policy())
    (finding,) = made.exercises[0].findings
    place, _, code = finding.evidence.partition(": ")
    assert place == "torch.autograd computed gradients, hw.py, line 5"
    assert code.strip("`").encode() in LONG_LINE
    assert len(code) > 150


def test_certain_evidence_costs_the_exercise_and_no_verdict(sandbox: Sandbox) -> None:
    """Right by autograd: every check passed, no check has points, and the sums of points are the scores."""
    made = graded(AUTOGRAD, sandbox, Policy(), 2.0)
    (exercise,) = made.exercises
    assert {check.verdict for check in exercise.checks} == {"passed"}
    assert {check.points for check in exercise.checks} == {0.0}
    assert (made.score, made.max_score, exercise.score, exercise.max_score) == (0.0, 20.0, 0.0, 20.0)
    (finding,) = exercise.findings
    assert (finding.kind, finding.certain) == ("autograd", True)
    line = "return torch.autograd.functional.jacobian(lambda weights: (x @ weights).sum(), W)"
    assert finding.evidence == f"torch.autograd computed gradients, hw.py, line 5: `{line}`"


def test_the_policy_may_let_it_cost_nothing(sandbox: Sandbox) -> None:
    """costs_nothing: the points stay, the finding is listed and says that it costs nothing."""
    made = graded(AUTOGRAD, sandbox, Policy(autograd="costs_nothing"))
    assert made.score == 10
    (finding,) = made.exercises[0].findings
    assert "which costs nothing in this assignment" in finding.message


def test_by_hand_there_is_no_finding(sandbox: Sandbox) -> None:
    """An honest solution has full marks and no finding under either policy."""
    for policy in (Policy(), Policy(autograd="costs_nothing")):
        made = graded(BY_HAND, sandbox, policy)
        assert (made.score, made.exercises[0].findings) == (10, ())


def test_the_sentence_says_why_and_how_to_contest() -> None:
    """What was seen, what it costs, what to do about it."""
    (finding,) = judged()
    assert finding.message == (
        "torch.autograd was at work while `f` was graded; the gradients are asked for by hand, so it earns no points. "
        "If you only compare with autograd, do that outside of the function and hand in again; if this is a mistake, "
        "show your instructor this note."
    )
    assert finding.evidence == SEEN


def test_a_suspicion_costs_nothing() -> None:
    """Reading the source gives findings that are not certain and take no points."""
    read = Evidence("numeric_differentiation", False, "the source contains a difference quotient", "f")
    assert [(each.kind, each.certain, each.message) for each in judged("", read=[read])] == [
        (
            "numeric_differentiation",
            False,
            "Reading the source of `f`: it may take a difference quotient in place of a derivative. "
            "This is a suspicion and costs nothing.",
        )
    ]


def test_suspicions_belong_to_their_entry_point() -> None:
    """What another function's source looks like is not held against this one."""
    read = Evidence("autograd", False, "the source calls autograd", "another")
    assert judged("", read=[read]) == ()


def test_a_worker_cannot_call_a_suspicion_certain() -> None:
    """Only what the tripwires can know for certain ever costs points."""
    assert [each.certain for each in judged("the source contains a difference quotient", "internals")] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "torch.autograd computed gradients, 0.123.py, line 2: `loss.backward()`",
        "torch.autograd computed gradients, hw.py, line 99: `loss.backward()`",
        "torch.autograd computed gradients, hw.py, line 2: `0.123`",
        "torch.autograd computed gradients, hw.py, cell 0.123, line 2: `loss.backward()`",
    ],
)
def test_places_that_the_files_do_not_bear_out_are_left_out(text: str) -> None:
    """A worker could write a hidden input as file, line or code; only what stands in the files is quoted."""
    (finding,) = judged(text)
    assert finding.evidence == "torch.autograd computed gradients"


@pytest.mark.parametrize(("kind", "text"), [("autograd", "0.123"), ("", ""), ("0.123", SEEN)])
def test_what_no_worker_of_ours_says_is_tampering(kind: str, text: str) -> None:
    """Evidence in another form than ours was made by somebody else, and is a finding itself, without being quoted."""
    found = judged(text or " ", kind, certain=False)
    assert [(each.kind, each.certain) for each in found] == [("tampering", True)]
    assert "0.123" not in found[0].model_dump_json()


def test_limits_on_the_command_line(catalogue: Catalog) -> None:
    """The options replace the assignment's and the exercise's limits, and nothing else."""
    exercise = catalogue.select(["vector_matrix_derivative"])[0]
    given = Assignment.model_validate({"limits": {"max_timeouts": 5, "cpu_seconds": 1.0}}).limited(7.5, memory_mb=100)
    limits = given.limits_for(exercise)
    assert (limits.cpu_seconds, limits.memory_bytes, limits.max_timeouts) == (7.5, 100 * 2**20, 5)
    assert limits.wall_seconds == exercise.limits.wall_seconds
    assert Assignment().limited(wall_seconds=3.5).limits_for(exercise).wall_seconds == 3.5
    assert Assignment().limited() == Assignment()


@pytest.mark.parametrize("option", ["--cpu-seconds=0", "--memory-mb=3", "--cpu-seconds=much", "--wall-seconds=0"])
def test_limits_that_make_no_sense_are_refused(option: str) -> None:
    """A limit of nothing is bad usage."""
    from grader.cli import main

    finished = CliRunner().invoke(main, ["grade", "x.py", "--out", "y", option])
    assert finished.exit_code == 2


@pytest.fixture
def catalogue() -> Catalog:
    """The bundled exercises."""
    return catalog.bundled()


USES = "the source uses what the exercise does without: "
SQUARE = b"""def vector_matrix_derivative(W, x):
    rows = x.reshape(-1, x.shape[-1])
    return sum(row for row in rows @ rows.new_ones(rows.shape[1], 1) * 0 + rows)[:, None].repeat(1, W.shape[1])
"""
FREE, COSTLY = Policy(), Policy(forbidden="costs_exercise")


@pytest.mark.parametrize(
    ("policy", "word", "certain"),
    [
        (FREE, USES, False),
        (COSTLY, USES, True),
        (FREE, "the source may use what the exercise does without: ", False),
        (COSTLY, "the source may use what the exercise does without: ", False),
    ],
)
def test_only_a_definite_use_is_certain_and_only_where_the_assignment_says_so(
    policy: Policy, word: str, certain: bool
) -> None:
    """Listed with the suspicions otherwise, which cost nothing."""
    read = Evidence("forbidden", False, f"{word}scipy, hw.py, line 1: `import torch`", "f")
    (finding,) = judged("", read=[read], policy=policy, forbids=("scipy",))
    assert (finding.kind, finding.certain, finding.evidence) == ("forbidden", certain, read.text)
    assert finding.message == (
        "`f` uses what its exercise does without, so it earns no points. Do it by other means and hand in again; "
        "if this is a mistake, show your instructor this note."
        if certain
        else "Reading the source of `f`: it uses, or may use, what its exercise does without. This costs nothing."
    )


def test_what_the_exercise_does_not_forbid_is_not_ours() -> None:
    """A worker that names something else, a hidden input for example, is tampered with."""
    read = Evidence("forbidden", False, f"{USES}0.123", "f")
    (finding,) = judged("", read=[read], policy=FREE, forbids=("scipy",))
    assert finding.kind == "tampering"
    assert "0.123" not in finding.model_dump_json()


@pytest.mark.parametrize(("policy", "score"), [(FREE, 10), (COSTLY, 0)])
def test_a_forbidden_operator_behind_the_wall(sandbox: Sandbox, policy: Policy, score: float) -> None:
    """From the exercise's own words to the report: file, line and what it costs, and the same after a rescoring."""
    courses = catalog.bundled()
    assignment = Assignment(exercises=(Entry(slug="vector_matrix_derivative"),), policy=policy)
    plan = report.plan(courses, assignment, SECRET)
    (item,) = plan.items
    exercise = replace(item.exercise, forbids=("@",))
    suite = replace(item.diagnosis.suite, exercise=exercise)
    without = replace(item, exercise=exercise, diagnosis=replace(item.diagnosis, suite=suite))
    made = grading.grade(Submission("ana", (("hw.py", SQUARE),)), replace(plan, items=(without,)), sandbox)
    (finding,) = made.exercises[0].findings
    assert (made.score, finding.kind, finding.certain) == (score, "forbidden", policy == COSTLY)
    assert finding.evidence.startswith(f"{USES}@, hw.py, line 3: `return sum(row for row in rows @ ")
    assert report.rescored(made, courses, assignment, "key").score == score
