"""Names from the forward pass alone, without the author's list: one rule, two, one and a relation, and silence."""

from __future__ import annotations

from typing import Any

import pytest

from grader.models import CheckResult

BACKWARD = """
def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = {g}
    mask = {mask}
    dW = {dW}
    dwout = {dwout}
    return dW, dwout
"""
RIGHT = {
    "g": "2 * (prob - t) * prob * (1 - prob)",
    "mask": "(h > 0).float()",
    "dW": "X.T @ (torch.outer(g, wout) * mask)",
    "dwout": "g @ hact",
}


def checks(grade: Any, **wrong: str) -> tuple[CheckResult, ...]:
    source = BACKWARD.format(**{**RIGHT, **wrong})
    return tuple(grade("batched_backward", source, with_chain=False).checks)


def test_one_wrong_rule_with_its_place(grade: Any) -> None:
    """The name, a hint in the names of the forward pass, and the line at which it goes wrong."""
    dW, dwout = checks(grade, mask="torch.ones_like(h)")
    assert dW.misconception == "no-relu-mask"
    assert dW.hint == "ReLU lets the gradient through only where h was positive."
    assert "It goes wrong at `hact = torch.relu(h)` of the forward pass." in dW.message
    assert dwout.verdict == "passed"
    assert dwout.misconception is None


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"g": "(prob - t) * prob * (1 - prob)"}, ["no-factor-two", "no-factor-two"]),
        ({"g": "2 * (prob - t)"}, ["no-sigmoid-derivative", "no-sigmoid-derivative"]),
        ({"g": "prob - t"}, ["cross-entropy-derivative", "cross-entropy-derivative"]),
        ({"mask": "torch.where(h > 0, 1.0, 0.3)"}, ["leaky-slope", None]),
        ({"dW": "torch.ones_like(X).T @ (torch.outer(g, wout) * mask)"}, ["no-input", None]),
        ({"dwout": "g @ h"}, [None, "before-relu"]),
        ({"g": "-2 * (prob - t) * prob * (1 - prob)"}, ["sign-flipped", "sign-flipped"]),
    ],
)
def test_single_mistakes(grade: Any, wrong: dict[str, str], names: list[str | None]) -> None:
    """Each wrong formula has the name of its rule, also with a number of the student's own."""
    assert [check.misconception for check in checks(grade, **wrong)] == names


def test_two_rules_at_once(grade: Any) -> None:
    """Two names where both show, and one where only one does."""
    dW, dwout = checks(grade, g="(prob - t) * prob * (1 - prob)", mask="torch.sign(h)")
    assert dW.misconception is not None
    assert set(dW.misconception.split("+")) == {"no-factor-two", "sign-instead-of-slope"}
    assert dW.hint is not None
    assert dW.hint.startswith("Two things at once. First:")
    assert "`hact = torch.relu(h)`" in dW.message
    assert "`return ((prob - t) ** 2).sum()`" in dW.message
    assert dwout.misconception == "no-factor-two"


def test_a_rule_and_a_relation_between_results(grade: Any) -> None:
    """A wrong derivative whose result is transposed on top has both names."""
    dW, _ = checks(grade, g="2 * (prob - t) * prob", dW="(X.T @ (torch.outer(g, wout) * mask)).T")
    assert dW.misconception == "only-the-sigmoid+transposed"


def test_a_rule_explains_the_outputs_that_are_right(grade: Any) -> None:
    """Half of dW beside a right dwout is no mistake in the loss: what is said is the factor."""
    dW, dwout = checks(grade, dW="X.T @ (torch.outer(g, wout) * mask) / 2")
    assert (dW.misconception, dwout.verdict) == ("constant-factor", "passed")


def test_unknown_mistakes_and_zeros_have_no_name(grade: Any) -> None:
    """What no rule gives has no name; zeros are a placeholder, though a dropped path gives them too."""
    dW, _ = checks(grade, dW="X.T @ (torch.outer(g, wout) * mask) + 0.1 * W")
    assert dW.misconception is None
    dW, _ = checks(grade, dW="torch.zeros_like(W)")
    assert dW.misconception is None


def test_right_code_has_no_name_but_a_word_about_the_kink(grade: Any) -> None:
    """A right answer passes without a name; another choice exactly at the kink is advice."""
    assert [check.misconception for check in checks(grade)] == [None, None]
    dW, _ = checks(grade, mask="(h >= 0).float()")
    assert (dW.verdict, dW.misconception) == ("passed", "mask-at-zero")
    assert dW.hint == "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing."


def test_values_are_named_too(grade: Any) -> None:
    """A forward pass that leaves ReLU out is named at every value behind it."""
    source = """
def forward_pass(x, t, W, wout):
    h = x @ W
    score = h @ wout
    prob = torch.sigmoid(score)
    return h, h, score, prob, ((prob - t) ** 2).sum()
"""
    result = grade("forward_pass", source, with_chain=False)
    named = {check.name.split(",")[0]: check.misconception for check in result.checks if check.verdict != "passed"}
    assert named == dict.fromkeys(("hact", "score", "prob", "loss"), "relu-skipped")
