"""Links: what autograd says about intermediate results, by name, without any list of right answers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from grader.cases import suite as cases
from grader.cases.secret import PUBLIC
from grader.course import catalog
from grader.exercise import Exercise
from grader.misconception import Chain
from grader.selfcheck import links

COURSE = catalog.bundled()
BATCHED = COURSE.load("batched_backward")


@pytest.fixture
def inputs() -> dict[str, Tensor]:
    """Two observations, three hidden units."""
    generator = torch.Generator().manual_seed(1)
    return {
        "X": torch.randn(2, 4, generator=generator),
        "t": torch.rand(2, generator=generator),
        "W": torch.randn(4, 3, generator=generator),
        "wout": torch.randn(3, generator=generator),
    }


def known(name: str, inputs: dict[str, Tensor]) -> list[Tensor]:
    return [answer.value for answer in links.expected(BATCHED, name, inputs)]


def test_names_are_the_authors(inputs: dict[str, Tensor]) -> None:
    """Inputs, local variables in order, and the result by its function's name."""
    names = links.known_names(BATCHED, inputs)
    assert names == ("X", "t", "W", "wout", "h", "hact", "score", "prob", "loss")


def test_results_of_helper_functions_have_names() -> None:
    """A forward pass made of functions: each result goes by its function's name."""
    exercise = COURSE.load("forward_pass")
    suite = cases.prepare(exercise, PUBLIC)
    names = links.known_names(exercise, suite.cases[0].inputs)
    assert {"h", "hact", "score", "prob", "loss"} <= set(names)


def test_the_result_goes_by_the_name_in_the_outputs() -> None:
    """`dy_dW` is asked for, so the result is y, whatever the function is called."""
    exercise = COURSE.load("vector_matrix_derivative")
    assert "y" in links.known_names(exercise, {"W": torch.ones(2, 3), "x": torch.ones(2)})


def test_derivative_of_the_loss(inputs: dict[str, Tensor]) -> None:
    """dloss_dprob is 2 (prob - t), to float64's precision."""
    X, t, W, wout = (value.double() for value in inputs.values())
    prob = torch.sigmoid(torch.relu(X @ W) @ wout)
    (value,) = known("dloss_dprob", inputs)
    assert torch.allclose(value, 2 * (prob - t), rtol=1e-12)


def test_gradient_and_jacobian(inputs: dict[str, Tensor]) -> None:
    """A link may be the gradient of the sum or the full Jacobian; the shapes tell them apart."""
    gradient, jacobian = known("dscore_dwout", inputs)
    hact = torch.relu(inputs["X"] @ inputs["W"])
    assert gradient.shape == (3,)
    assert torch.allclose(jacobian.float(), hact)
    for value in (hact, hact.sum(0)):
        answers = links.expected(BATCHED, "dscore_dwout", inputs)
        assert links.judge(BATCHED, "dscore_dwout", value, answers).verdict == "passed"


def test_value_of_an_intermediate_result(inputs: dict[str, Tensor]) -> None:
    """A name alone is the value."""
    (value,) = known("h", inputs)
    assert torch.allclose(value.float(), inputs["X"] @ inputs["W"], atol=1e-6)


@pytest.mark.parametrize("name", ["dfoo_dbar", "dprob_dt", "foo", "dloss", "d_d", "dh_dh", "", "X"])
def test_what_is_no_link(name: str, inputs: dict[str, Tensor]) -> None:
    """Unknown names, and derivatives of what does not depend on the other, have nothing to compare with."""
    assert known(name, inputs) == []


def test_judgement_has_the_messages_of_every_check(inputs: dict[str, Tensor]) -> None:
    """Shape, dtype and values are told apart, each with its sentence."""
    answers = links.expected(BATCHED, "dprob_dscore", inputs)
    right = answers[0].value.float()
    assert links.judge(BATCHED, "dprob_dscore", right, answers).verdict == "passed"
    assert "should have shape (2,)" in links.judge(BATCHED, "dprob_dscore", torch.ones(5), answers).message
    assert "all 2 values are wrong" in links.judge(BATCHED, "dprob_dscore", right + 1, answers).message
    assert "hold floats" in links.judge(BATCHED, "dprob_dscore", right > 0, answers).message
    assert "not implemented yet" in links.judge(BATCHED, "dprob_dscore", None, answers).message


def chains() -> list[tuple[Exercise, Chain]]:
    pairs = [(exercise, COURSE.chain(exercise.slug)) for exercise in COURSE.select()]
    return [(exercise, chain) for exercise, chain in pairs if chain]


@pytest.mark.parametrize(("exercise", "chain"), chains(), ids=lambda each: getattr(each, "slug", ""))
def test_the_authors_own_chain_agrees(exercise: Exercise, chain: Chain) -> None:
    """No link of any reference chain is called wrong: a right function never gets the remark."""
    case = cases.prepare(exercise, PUBLIC).cases[0]
    for name in chain.links:
        if name in exercise.asks:
            continue
        (value,) = chain.evaluate((name,), case.inputs)
        answers = links.expected(exercise, name, case.inputs)
        fits = tuple(a for a in answers if isinstance(value, Tensor) and a.value.shape == value.shape)
        if fits:
            assert links.judge(exercise, name, value, fits).verdict == "passed", name
