"""Mistakes of a whole forward pass: places, names in hints, loops, pairs, every kind of question, and the bound."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.cases import oracle
from grader.exercise import Exercise, Gradient, Jacobian, Value
from grader.rules import RuleMistake, affected, engine, evaluate, mistakes, staged
from grader.rules.mistakes import MAX_OPERATIONS

STREAM = torch.Generator().manual_seed(1)
X, W, v = (torch.randn(size, generator=STREAM) for size in ((3, 4), (4, 4), (4,)))
INPUTS = {"X": X, "W": W, "v": v}


def network(X: Float[Tensor, "N D"], W: Float[Tensor, "D D"], v: Float[Tensor, D]) -> Float[Tensor, N]:
    h = X @ W
    hact = torch.relu(h)
    score = hact @ v
    return torch.sigmoid(score)


def recurrent(X: Float[Tensor, "N D"], W: Float[Tensor, "D D"], v: Float[Tensor, D]) -> Float[Tensor, ""]:
    state, total = v, v.new_zeros(())
    for row in X:
        state = torch.tanh(row + state @ W)
        total = total + state.sum()
    return total


def gate(z: Tensor) -> Tensor:
    return torch.sigmoid(z)


def gated(X: Float[Tensor, "N D"], W: Float[Tensor, "D D"], v: Float[Tensor, D]) -> Float[Tensor, "N D"]:
    return gate(X @ W) * gate(X + v)


def exercise(forward: Any, **asks: Any) -> Exercise:
    asked = asks or {"dW": Gradient("W"), "dv": Gradient("v")}
    return Exercise(entry_point="f", forward=forward, asks=asked, sizes={"N": (1, 3), "D": (1, 4)})


def mistake(found: tuple[RuleMistake, ...], slug: str, line: str) -> RuleMistake:
    """The first mistake of this name at the line."""
    return next(each for each in found if each.slug == slug and line in each.line)


def test_one_wrong_rule_is_the_formula_of_a_student() -> None:
    """Without the mask, dW is the product without the mask, and dv is right."""
    asked = exercise(network)
    wrong = mistake(mistakes(asked, INPUTS), "no-relu-mask", "relu")
    found = evaluate(asked, INPUTS, wrong)
    x, w, u = X.double(), W.double(), v.double()
    p = torch.sigmoid(torch.relu(x @ w) @ u)
    torch.testing.assert_close(found["dW"], x.T @ torch.outer(p * (1 - p), u))
    torch.testing.assert_close(found["dv"], oracle.evaluate(asked, INPUTS)["dv"])


def test_hints_use_the_names_and_lines_of_the_author() -> None:
    """The place is the author's line, and the hint names what stands there."""
    wrong = mistake(mistakes(exercise(network), INPUTS), "no-relu-mask", "relu")
    assert wrong.line == "hact = torch.relu(h)"
    assert wrong.hint == "ReLU lets the gradient through only where h was positive."
    wrong = mistake(mistakes(exercise(network), INPUTS), "no-weights", "score")
    assert wrong.hint == "On its way back to hact the gradient passes v."


def regularised(X: Float[Tensor, "N D"], W: Float[Tensor, "D D"], v: Float[Tensor, D]) -> Float[Tensor, ""]:
    return torch.relu(X @ v).mean() + 0.5 * (W**2).sum()


def test_what_has_no_name_is_quoted() -> None:
    """A summand without a name is said as it is written; "its result" begins a sentence with a capital."""
    found = mistakes(exercise(regularised), INPUTS)
    assert mistake(found, "summand-forgotten", "return").hint == (
        "The forward pass adds `0.5 * (W ** 2).sum()`: is it left out?"
    )
    assert mistake(found, "times-weights", "return").hint == (
        "Its result is linear in v: does v still occur in its own derivative?"
    )


def test_pairs_are_both_mistakes_at_once() -> None:
    """Two wrong rules at different places; two at one place only if they change different things."""
    asked = exercise(network)
    found = mistakes(asked, INPUTS)
    mask, slope = mistake(found, "no-relu-mask", "relu"), mistake(found, "no-sigmoid-derivative", "sigmoid")
    skipped, other = mistake(found, "relu-skipped", "relu"), mistake(found, "sign-instead-of-slope", "relu")
    assert mask.goes_with(slope)
    assert mask.goes_with(skipped)
    assert not mask.goes_with(other)
    pair = evaluate(asked, INPUTS, mask, slope)
    torch.testing.assert_close(pair["dW"], X.double().T @ v.double().expand(3, 4))
    linear = evaluate(asked, INPUTS, skipped, mask)
    h = X.double() @ W.double()
    p = torch.sigmoid(h @ v.double())
    torch.testing.assert_close(linear["dv"], (p * (1 - p)) @ h)


def test_a_loop_is_one_place() -> None:
    """All rounds share a place; the gradient of the last step alone is one of its mistakes."""
    asked = exercise(recurrent)
    places = {place.operation: place for place in engine.places(asked, INPUTS)}
    assert places["tanh"].visits == places["matmul"].visits == 3
    found = mistakes(asked, INPUTS)
    states = [v.double()]
    for row in X.double():
        states.append(torch.tanh(row + states[-1] @ W.double()))
    last_only = torch.outer(states[2], 1 - states[3] ** 2)
    wrong = [each for each in found if each.slug == "last-step-only" and "tanh" in each.line]
    assert any(torch.allclose(evaluate(asked, INPUTS, each)["dW"], last_only) for each in wrong)
    cut = torch.stack([torch.outer(a, 1 - b**2) for a, b in itertools.pairwise(states)]).sum(0)
    assert places["matmul"].carried == (0,)
    stopped = mistake(found, "gradient-through-time-dropped", "tanh")
    torch.testing.assert_close(evaluate(asked, INPUTS, stopped)["dW"], cut)
    assert stopped.hint == "state comes from the step before: the gradient goes on to it."


def test_a_helper_is_one_place_and_one_mistake_may_be_everywhere() -> None:
    """Both gates are wrong at once, since the author wrote them once; all additions can be wrong together."""
    asked = exercise(gated, dX=Gradient("X"))
    wrong = mistake(mistakes(asked, INPUTS), "no-sigmoid-derivative", "sigmoid")
    one, two = torch.sigmoid(X @ W).double(), torch.sigmoid(X + v).double()
    expected = two @ W.double().T + one
    torch.testing.assert_close(evaluate(asked, INPUTS, wrong)["dX"], expected, rtol=1e-5, atol=1e-6)
    both = [each for each in mistakes(exercise(network), INPUTS) if len(each.parts) == 2 and not each.line]
    assert {"no-input", "sign-flipped", "cross-entropy-derivative"} - {each.slug for each in both} == {
        "cross-entropy-derivative"
    }


def test_jacobians_and_values() -> None:
    """A wrong slope shows in a Jacobian; a left-out function shows in a value."""
    asked = exercise(network, J=Jacobian("W"), p=Value())
    found = mistakes(asked, INPUTS)
    right = oracle.evaluate(asked, INPUTS)
    wrong = evaluate(asked, INPUTS, mistake(found, "no-relu-mask", "relu"))
    assert wrong["J"].shape == (3, 4, 4)
    assert not torch.allclose(wrong["J"], right["J"])
    torch.testing.assert_close(wrong["p"], right["p"])
    skipped = evaluate(asked, INPUTS, mistake(found, "relu-skipped", "relu"))
    torch.testing.assert_close(skipped["p"], torch.sigmoid(X.double() @ W.double() @ v.double()))


def test_the_weights_of_an_average_are_swapped_at_once() -> None:
    """Both products of a weighted average are one mistake, and a product with another number is none of it."""

    def average(X: Float[Tensor, "N D"], v: Float[Tensor, D]) -> Float[Tensor, "N D"]:
        return 0.9 * X + 0.1 * v + 0.3 * X

    asked = exercise(average, y=Value())
    wrong = mistake(mistakes(asked, INPUTS), "weights-swapped", "0.9 * X")
    torch.testing.assert_close(evaluate(asked, INPUTS, wrong)["y"], (0.1 * X + 0.9 * v + 0.3 * X).double())


def test_only_what_comes_by_a_mistake_is_evaluated() -> None:
    """Functions that a mistake cannot reach are left out, and cost nothing."""
    asked = staged(exercise(network, dW=Gradient("W"), dX=Gradient("X", of=gated)))
    found = affected(asked, INPUTS, mistake(mistakes(asked, INPUTS), "no-relu-mask", "relu"))
    assert found.keys() == {"dW"}


def test_a_rule_that_does_not_fit_a_shape_raises() -> None:
    """Nothing can be said about a shape at which the mistake crashes."""
    asked = exercise(network)
    wrong = mistake(mistakes(asked, INPUTS), "input-not-transposed", "X @ W")
    narrow = {"X": X[:2], "W": W, "v": v}
    with pytest.raises(RuntimeError):
        evaluate(asked, narrow, wrong)


def test_a_forward_pass_without_rules_has_no_mistakes() -> None:
    """An operation that no table knows is left alone."""

    def plain(X: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
        return torch.atan(X)

    assert mistakes(exercise(plain, dX=Gradient("X")), {"X": X}) == ()


def test_a_long_forward_pass_is_bounded() -> None:
    """Of two hundred operations only the most frequent rules are tried, at all of them."""
    lines = "\n".join(f"    X = torch.{'tanh' if i % 2 else 'sigmoid'}(X)" for i in range(200))
    space: dict[str, Any] = {"torch": torch, "X": X, "__name__": "long"}
    exec(compile(f"def long(X):\n{lines}\n    return X", "long.py", "exec"), space)  # noqa: S102 - two hundred lines
    space["long"].__annotations__["X"] = Float[Tensor, "N D"]
    found = mistakes(exercise(space["long"], dX=Gradient("X")), {"X": X})
    assert len(found) * 200 <= MAX_OPERATIONS
    assert {"no-sigmoid-derivative", "no-tanh-derivative"} <= {each.slug for each in found}
