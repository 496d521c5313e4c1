"""The counterexample: small, public, correct when pasted, and there for every catalogued mistake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

import pytest
import torch

from grader.cases.case import Case
from grader.cases.examples import MAX_NUMBERS, enumerate_cases
from grader.course import catalog
from grader.grading.compare import judge
from grader.grading.diagnose import DiagnosisCache, counterexample
from grader.grading.diagnose.observation import numbers
from grader.misconception import Misconception
from grader.wire import tensors
from grader.wire.outcome import Array, Outcome, Raised, Returned, Stopped

SLUGS = catalog.bundled().slugs("")
SIGN = "def vector_matrix_derivative(W, x):\n    return -x.reshape(-1, len(W)).sum(0)[:, None].repeat(1, W.shape[1])\n"


def outcome_of(diagnosis: DiagnosisCache, misconception: Misconception, case: Case) -> Outcome:
    """What a submission with exactly this mistake does in float32."""
    exercise = diagnosis.suite.exercise
    assert diagnosis.chain is not None
    try:
        outputs = diagnosis.chain.evaluate(tuple(exercise.asks), case.inputs, misconception)
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    values = [torch.as_tensor(output) for output in outputs]
    items = [Array(str(v.dtype).removeprefix("torch."), tuple(v.shape), tensors.raw_bytes(v)) for v in values]
    return Returned(tuple(items), bare=len(items) == 1)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_catalogued_mistake_has_one(slug: str, diagnosis: Callable[..., DiagnosisCache]) -> None:
    """Whatever a misconception breaks on the hidden cases, some public example of few numbers shows it."""
    book = diagnosis(slug)
    assert book.chain is not None
    for misconception in book.chain.misconceptions:
        outcomes = [
            (p, judge(book.suite.exercise, p, outcome_of(book, misconception, p))) for p in book.suite.cases if p.counts
        ]
        for check in book.suite.exercise.checks:
            own = [judged[check.output].verdict for p, judged in outcomes if p.variant == check.variant]
            if any(verdict != "passed" for verdict in own):
                call = partial(outcome_of, book, misconception)
                seen = counterexample.observe(book, check, call)
                found = counterexample.choose(book, check, seen, "values", call)
                assert found is not None, (misconception.slug, check.name)


@pytest.mark.parametrize("slug", SLUGS)
def test_examples_are_small_and_owe_nothing_to_the_secret(slug: str, diagnosis: Callable[..., DiagnosisCache]) -> None:
    """At most twelve numbers each, and the same ones whenever they are drawn."""
    exercise = diagnosis(slug).suite.exercise
    for variant in exercise.variant_names:
        shown = list(diagnosis(slug).examples(variant))
        again = islice(enumerate_cases(exercise, variant), 3)
        assert 0 < len(shown) <= counterexample.MAX_CALLS
        assert all(numbers(case) <= MAX_NUMBERS for case in shown)
        for one, other in zip(shown, again, strict=False):
            for name, value in one.inputs.items():
                assert torch.equal(torch.as_tensor(value), torch.as_tensor(other.inputs[name]))
        assert shown[0].name not in {case.name for case in diagnosis(slug).suite.cases}


def test_the_example_runs_when_pasted(grade: Any) -> None:
    """Pasted after the submission, the lines give the printed actual value."""
    result = grade("vector_matrix_derivative", SIGN)
    example = result.checks[1].counterexample
    assert example is not None
    assert example.inputs.splitlines()[-1] == "dy_dW = vector_matrix_derivative(W, x)"
    room: dict[str, Any] = {"torch": torch}
    exec(SIGN + example.inputs, room)  # noqa: S102
    assert torch.equal(room["dy_dW"], eval(example.actual, room))  # noqa: S307
    assert torch.equal(room["dy_dW"], -eval(example.expected, room))  # noqa: S307


def test_it_looks_like_a_notebook(grade: Any) -> None:
    """Whole numbers, one line per input, then the call."""
    result = grade("vector_matrix_derivative", SIGN)
    example = result.checks[0].counterexample
    assert example is not None
    lines = example.inputs.splitlines()
    assert [line.split(" = ")[0] for line in lines] == ["W", "x", "dy_dW"]
    assert lines[0].startswith("W = torch.tensor([[")
    assert example.expected.startswith("torch.tensor([[")


def test_an_exception_that_only_the_memory_layout_causes_costs_nothing(grade: Any) -> None:
    """Who calls `view` on a transpose is told so in a note, and keeps the points."""
    source = (
        "def vector_matrix_derivative(W, x):\n"
        "    return x.view(-1, len(W)).sum(0)[:, None].repeat(1, W.shape[1]) + 0 * W.view(-1)[0]\n"
    )
    result = grade("vector_matrix_derivative", source)
    assert {check.verdict for check in result.checks} == {"passed"}
    assert [note.message for note in result.notes] == [
        "`vector_matrix_derivative` stops with an error for an input that is a transpose or a slice: `reshape` works "
        "there, `view` does not. It costs nothing."
    ]


def test_a_size_written_into_the_code_has_none(grade: Any) -> None:
    """What is wrong only for large inputs has no small example, and none is made up."""
    source = (
        "def vector_matrix_derivative(W, x):\n"
        "    s = x if x.ndim == 1 else x[:20].sum(0)\n    return s[:, None].repeat(1, W.shape[1])\n"
    )
    result = grade("vector_matrix_derivative", source)
    assert (result.checks[0].verdict, result.checks[1].verdict) == ("passed", "failed")
    assert result.checks[1].counterexample is None


def test_the_search_ends_when_a_call_is_stopped(diagnosis: Callable[..., DiagnosisCache]) -> None:
    """A submission that runs out of time on an example is not called again and again."""
    book = diagnosis("vector_matrix_derivative")
    calls: list[Case] = []

    def call(case: Case) -> Outcome:
        calls.append(case)
        return Stopped("timed_out", "")

    assert counterexample.observe(book, book.suite.exercise.checks[0], call) == ()
    assert len(calls) == 1


def test_the_example_shows_what_the_sentence_says(grade: Any) -> None:
    """About a shape: no size is 1; about NaN: there is one in it."""
    result = grade("vector_matrix_derivative", "def vector_matrix_derivative(W, x):\n    return x.sum() * W.T\n")
    example = result.checks[0].counterexample
    assert example is not None
    assert "[[" in example.inputs
    W = eval(example.inputs.splitlines()[0].removeprefix("W = "), {"torch": torch})  # noqa: S307
    assert 1 not in W.shape
    source = "def vector_matrix_derivative(W, x):\n    return (x[:, None] * W).sqrt()\n"
    nan = grade("vector_matrix_derivative", source).checks[0]
    assert nan.message.startswith("dy_dW contains NaN")
    assert nan.counterexample is not None
    assert "float('nan')" in nan.counterexample.actual
