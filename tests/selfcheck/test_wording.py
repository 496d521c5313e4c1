"""The sentences of the desk: each one's wording, and that none of them blames."""

from __future__ import annotations

import inspect
import re

import pytest

from grader.grading import feedback
from grader.models import CheckResult, Counterexample, ExerciseResult, Finding
from grader.views import wording

SAID = {
    wording.first_link("dprob_dscore", "dloss_dW"): (
        "`dprob_dscore` differs from autograd's; with the right value in its place dloss_dW is right. Start there."
    ),
    wording.link_right("h"): "h agrees with autograd.",
    wording.no_such_inputs(["X"], ["W, x"]): "No exercise's forward pass takes exactly X. Known are: W, x.",
    wording.ambiguous_link("h", ["a", "b"]): 'h means different things in a, b: add exercise="a" or another of them.',
    wording.inputs_refused("shapes"): (
        "The forward pass cannot be computed for these inputs (shapes): check their shapes."
    ),
    wording.our_fault("KeyError"): (
        "The check could not be finished (KeyError in the grader). That is not your fault; please report it."
    ),
    wording.printed(0): "Your code printed:",
    wording.printed(20): "Your code printed (the first 20 lines):",
    wording.loop("10"): "It ran longer than 10 s: is there a loop that never ends?",
    wording.died("3"): (
        "The Python process ended by itself (exit status 3): is there an exit() or very deep recursion?"
    ),
    wording.watching("hw.py"): "Watching hw.py: save it to check again, Ctrl+C to stop.",
    wording.gone("hw.py"): "hw.py is gone for the moment; waiting until it is back.",
    wording.example("batch", False): "The smallest one, batch",
    wording.with_shape("yours", (2,)): "yours, shape (2,)",
}


@pytest.mark.parametrize(("said", "wanted"), SAID.items(), ids=str)
def test_wording(said: str, wanted: str) -> None:
    """What a student reads, word by word."""
    assert said == wanted


def result(verdict: str, message: str = "", *, example: bool = False, points: float | None = 0.0) -> ExerciseResult:
    check = CheckResult(
        name="dW",
        points=points,
        max_points=1,
        verdict=verdict,  # type: ignore[arg-type]
        cases_passed=0,
        cases_total=1,
        message=message,
        counterexample=Counterexample(inputs="", expected="", actual="") if example else None,
    )
    return ExerciseResult(exercise="slug", entry_point="function", score=points, max_score=1, checks=(check,))


@pytest.mark.parametrize(
    ("exercise", "sentence"),
    [
        (
            result("passed", points=1.0),
            "Everything passes on the public cases: hand it in. It will be graded on hidden cases of the same kind.",
        ),
        (
            result("missing", feedback.not_implemented("f")),
            "Next: fill in function. `grader check --explain slug` shows the key idea.",
        ),
        (result("missing", "`f` ends without returning a value."), "Next: change what is said above, and check again."),
        (
            result("errored", "There is no f, but hw.py, line 2 defines F; if it is meant, rename it to f."),
            "Next: change what is said above, and check again.",
        ),
        (
            result("failed", example=True),
            "Next: work out the example above with pen and paper, then compare step by step.",
        ),
        (result("failed"), "Next: repair dW and check again."),
        (
            result("errored", "It raised ValueError at hw.py, line 3: `x`."),
            "Next: go to the line that is named, print the shapes there, and check again.",
        ),
        (
            result("timed_out"),
            "Next: look for the loop or the tensor that grows, and try your function on a small input first.",
        ),
        (
            result("internal_error", points=None),
            "Next: run the check again; what could not be checked costs you nothing.",
        ),
    ],
    ids=lambda each: each.checks[0].verdict if isinstance(each, ExerciseResult) else "",
)
def test_next_step(exercise: ExerciseResult, sentence: str) -> None:
    """Every outcome leads somewhere."""
    assert wording.next_step([exercise]) == sentence


def test_a_failure_comes_before_what_is_not_done() -> None:
    """With something wrong and something missing, the next step is about the wrong one."""
    assert wording.next_step([result("missing"), result("failed")]) == "Next: repair dW and check again."


def test_nothing_blames() -> None:
    """No sentence of the desk says that the student failed, should have known, or was careless."""
    blame = r"\byou (failed|should have|forgot|did not)|\b(stupid|careless|obviously|simply|just|invalid|illegal|bad)\b"
    assert not re.search(blame, inspect.getsource(wording), re.IGNORECASE)


def test_every_verdict_has_a_mark_and_words() -> None:
    """What colour shows is said by a sign and by words, for each verdict."""
    for verdict in ("passed", "failed", "errored", "timed_out", "out_of_memory", "output_limit", "missing", "skipped"):
        assert wording.mark(verdict)  # type: ignore[arg-type]
        assert wording.WORDS[verdict]  # type: ignore[index]


def test_values_that_were_not_made_by_hand_are_not_ready_to_hand_in() -> None:
    """A certain finding costs the exercise, so nobody is told to hand it in."""
    finding = Finding(kind="autograd", certain=True, evidence="hw.py, line 3", message="autograd ran")
    found = result("passed", points=1.0).model_copy(update={"findings": (finding,)})
    assert (
        wording.next_step([found]) == "Next: the values are right, but they were not made by hand; see the note above."
    )
    forbidden = found.findings[0].model_copy(update={"kind": "forbidden"})
    assert wording.next_step([found.model_copy(update={"findings": (forbidden,)})]) == (
        "Next: the values are right, but the exercise does without something that is used; see the note above."
    )


def test_one_cause_is_recognised_in_several_checks() -> None:
    """By its message without counts and by its hint, each without the name of its own output; wrong values are not."""
    check = result("failed").checks[0]
    said = {
        "dx": (" contains NaN. This happened in 3 of 4 cases.", " is right only when H = 1: why?"),
        "dW": (" contains NaN. 1 more did not pass either.", " is right only when H = 1: why?"),
    }
    first, second = (
        check.model_copy(update={"name": f"{name}, rows", "message": f"{name}{message}", "hint": f"{name}{hint}"})
        for name, (message, hint) in said.items()
    )
    assert wording.fact(first) == wording.fact(second) == " contains NaN."
    assert wording.advice(first) == wording.advice(second)
    wrong = [each.model_copy(update={"message": f"{each.name[:2]} has wrong values."}) for each in (first, second)]
    assert wording.fact(wrong[0]) != wording.fact(wrong[1])
