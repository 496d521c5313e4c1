"""The wrong intermediate result of a student's function: named where repairing it proves it, and nowhere else."""

from __future__ import annotations

import pytest

from grader.cases import suite as cases
from grader.cases.secret import PUBLIC
from grader.course import catalog
from grader.exercise import Limits
from grader.selfcheck.repair import WrongVariable, first_wrong
from grader.selfcheck.session import LocalSession

COURSE = catalog.bundled()
BATCHED = """
import torch

def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    dloss_dprob = 2 * (prob - t)
    dprob_dscore = prob * (1 - prob)
    dloss_dscore = dloss_dprob * dprob_dscore
    dloss_dwout = hact.T @ dloss_dscore
    dloss_dh = torch.outer(dloss_dscore, wout) * (h > 0)
    return X.T @ dloss_dh, dloss_dwout
"""
LOOP = """
import torch

def training_loop(X, t, W, wout, lr, steps):
    by_W, by_wout = [], []
    for _ in range(steps):
        h = X @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        dloss_dprob = 2 * (prob - t)
        delta = dloss_dprob * prob * (1 - prob)
        dW = X.T @ (torch.outer(delta, wout) * (h > 0))
        dwout = hact.T @ delta
        W, wout = W - lr * dW, wout + lr * dwout
        by_W.append(dW)
        by_wout.append(dwout)
    return torch.stack(by_W), torch.stack(by_wout), ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
"""


def found(slug: str, source: str, output: str) -> WrongVariable | None:
    exercise = COURSE.load(slug)
    case = cases.prepare(exercise, PUBLIC).cases[0]
    session = LocalSession([("hw.py", source.encode())], [exercise.target])
    name = exercise.target.name
    return first_wrong(
        exercise, output, case, lambda case: session.call(name, case.arguments, case.expected_bytes, Limits())
    )


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("prob * (1 - prob)", "prob * (1 - score)", WrongVariable("dprob_dscore", "dloss_dwout")),
        ("2 * (prob - t)", "(prob - t)", WrongVariable("dloss_dprob", "dloss_dwout")),
        ("torch.sigmoid(score)", "score", WrongVariable("prob", "dloss_dwout")),
        # What is only printed does not matter: the variable after it does.
        (
            "    dloss_dprob = 2 *",
            "    loss = (prob - t).mean()\n    dloss_dprob = 3 *",
            WrongVariable("dloss_dprob", "dloss_dwout"),
        ),
        # Two mistakes: the first repair makes a later link right.
        (
            "prob * (1 - prob)\n    dloss_dscore = dloss_dprob * dprob_dscore\n    dloss_dwout = ",
            "prob\n    dloss_dscore = dloss_dprob * dprob_dscore\n    dloss_dwout = 2 * ",
            WrongVariable("dprob_dscore", "dloss_dscore"),
        ),
    ],
)
def test_a_wrong_variable_is_named_where_its_repair_helps(right: str, wrong: str, place: WrongVariable) -> None:
    """The first wrong link, and what becomes right with autograd's value in its place."""
    assert right in BATCHED
    assert found("batched_backward", BATCHED.replace(right, wrong), "dloss_dwout") == place


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        # The student's h is what the exercise calls hact, and the mistake is elsewhere.
        (
            "h = X @ W\n    hact = torch.relu(h)\n    score = hact",
            "a = X @ W\n    h = torch.relu(a)\n    hact = h\n    dloss_dwout = 0\n    score = h",
        ),
        ("hact.T @ dloss_dscore", "hact.T @ dloss_dscore * 2"),  # every named link is right
        ("h = X @ W", "h = [X @ W]\n    h = h[0] + 1"),  # one name for two things
        ("2 * (prob - t)", "[2 * (prob - t)]\n    dloss_dprob = dloss_dprob[0] * 2"),
    ],
)
def test_where_nothing_is_certain_nothing_is_named(right: str, wrong: str) -> None:
    """Another meaning of a name, or a mistake that no named link holds."""
    assert right in BATCHED
    assert found("batched_backward", BATCHED.replace(right, wrong), "dloss_dwout") is None


def test_a_right_function_has_no_wrong_variable() -> None:
    """Every link agrees."""
    assert found("batched_backward", BATCHED, "dloss_dW") is None


def test_the_steps_of_a_loop_are_no_links() -> None:
    """A variable that has one value per step is not compared with the forward pass at the start."""
    assert found("training_loop", LOOP, "loss") is None


def test_the_tracer_of_a_debugger_is_put_back() -> None:
    """Whoever traced before the look still does after it."""
    import sys

    def tracer(*_: object) -> None:
        return None

    sys.settrace(tracer)
    try:
        found("batched_backward", BATCHED, "dloss_dW")
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(None)
