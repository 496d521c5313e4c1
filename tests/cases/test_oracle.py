"""The right answers: what autograd says in float64, and sentences for authors whose forward pass says nothing."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from grader.cases.oracle import evaluate, expect
from grader.errors import ExerciseError
from grader.exercise import Ask, Exercise, Gradient, Jacobian, Predicate, Value


def product(x: Float[Tensor, "D"], W: Float[Tensor, "D H"]) -> Float[Tensor, "H"]:
    return x @ W


def big(x: Float[Tensor, "D"], W: Float[Tensor, "D H"]) -> Bool[Tensor, "H"]:
    return x @ W > 1


INPUTS = {"x": torch.tensor([1.0, -2.0]), "W": torch.tensor([[3.0, 4.0, 5.0], [1.0, 0.5, 0.25]])}


def exercise(forward: Callable[..., Any] = product, **asks: Ask) -> Exercise:
    return Exercise(forward, asks, {"D": (1, 8), "H": (1, 8)}, "answer").named("answer")


def test_the_four_kinds() -> None:
    """A gradient is summed over the outputs, a Jacobian is not, values and predicates are what they are."""
    asked = exercise(dW=Gradient("W"), J=Jacobian("x"), y=Value(), big=Predicate(of=big))
    found = evaluate(asked, INPUTS)
    assert torch.equal(found["dW"], INPUTS["x"].double()[:, None].repeat(1, 3))
    assert torch.equal(found["J"], INPUTS["W"].double().T)
    assert torch.equal(found["y"], torch.tensor([1.0, 3.0, 4.5], dtype=torch.float64))
    assert torch.equal(found["big"], torch.tensor([False, True, True]))


def test_every_number_has_a_tolerance() -> None:
    """Tolerances have the shape of the answer, also for a vector times a matrix."""
    found = expect(exercise(dW=Gradient("W"), J=Jacobian("x"), y=Value()), INPUTS)
    assert found is not None
    assert {name: each.tolerance.shape for name, each in found.items()} == {
        name: each.value.shape for name, each in found.items()
    }


def test_a_predicate_has_no_tolerance() -> None:
    """Booleans are right or wrong."""
    found = expect(exercise(big=Predicate(of=big)), {**INPUTS, "x": torch.tensor([1.0, -2.5])})
    assert found is not None
    assert not found["big"].tolerance.any()


def test_rounding_that_decides_gives_no_answer() -> None:
    """A sum of thirds that lies on the threshold cannot be judged."""
    thirds = {"x": torch.full((3,), 1 / 3), "W": torch.ones(3, 1)}
    assert expect(exercise(big=Predicate(of=big)), thirds) is None


def test_an_input_without_influence_has_a_zero_gradient() -> None:
    """What the function does not depend on has the gradient 0, beside one that it does depend on."""

    def first(x: Float[Tensor, "D"], W: Float[Tensor, "D H"]) -> Tensor:
        return x.sum()

    found = evaluate(exercise(first, dx=Gradient("x"), dW=Gradient("W")), INPUTS)
    assert torch.equal(found["dW"], torch.zeros(2, 3, dtype=torch.float64))


def test_switched_off_gradients_do_not_matter() -> None:
    """A caller under no_grad gets the same answers."""
    with torch.no_grad():
        found = evaluate(exercise(dW=Gradient("W")), INPUTS)
    assert found["dW"].any()


@pytest.mark.parametrize(
    ("body", "ask", "sentence"),
    [
        (lambda x, W: x.detach() @ W.detach(), Gradient("W"), "autograd sees no way from its result back"),
        (lambda x, W: x @ W @ W, Gradient("W"), "fails for x of shape (2,), W of shape (2, 3)"),
        (lambda x, W: 3, Value(), "returns 3; return one tensor"),
        (lambda x, W: x @ W > 0, Value(), "is a Value: return a tensor of real numbers"),
        (lambda x, W: x @ W, Predicate(), "is a Predicate: return a bool tensor"),
    ],
)
def test_an_author_reads_what_is_wrong(body: Callable[..., Any], ask: Ask, sentence: str) -> None:
    """Each mistake of an author's has a sentence that names the function and the remedy."""

    def forward(x: Float[Tensor, "D"], W: Float[Tensor, "D H"]) -> Any:
        return body(x, W)

    with pytest.raises(ExerciseError, match=r"forward|Value|Predicate") as error:
        evaluate(exercise(forward, y=ask), INPUTS)
    assert sentence in str(error.value)
