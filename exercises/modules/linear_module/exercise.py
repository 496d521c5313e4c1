"""A linear module: an object that keeps its input for the backward pass and adds up the gradients of its parameters."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def linear(
    x: Float[Tensor, "N D"],
    W: Float[Tensor, "D H"],
    b: Float[Tensor, "H"],
    x2: Float[Tensor, "N D"],
    dout2: Float[Tensor, "N H"],
    dout: Float[Tensor, "N H"],
) -> Float[Tensor, "N H"]:
    return x @ W + b


def two_calls(
    x: Float[Tensor, "N D"],
    W: Float[Tensor, "D H"],
    b: Float[Tensor, "H"],
    x2: Float[Tensor, "N D"],
    dout: Float[Tensor, "N H"],
    dout2: Float[Tensor, "N H"],
) -> Float[Tensor, ""]:
    """What two forward and backward calls add up to."""
    return ((x @ W + b) * dout).sum() + ((x2 @ W + b) * dout2).sum()


def use(student: Any, x: Any, W: Any, b: Any, x2: Any, dout: Any, dout2: Any) -> Iterator[dict[str, Any]]:
    layer = student.Linear(W.shape[0], W.shape[1])
    layer.W, layer.b = W, b
    layer.zero_grad()
    yield {"out": layer.forward(x)}
    other = student.Linear(W.shape[0], W.shape[1])
    other.W, other.b = -W, b
    other.forward(-x)
    yield {"dx": layer.backward(dout)}
    yield {"dW": layer.dW, "db": layer.db}
    layer.forward(x2)
    layer.backward(dout2)
    yield {"dW_of_two_calls": layer.dW, "db_of_two_calls": layer.db}
    layer.zero_grad()
    layer.forward(x)
    layer.backward(dout)
    yield {"dW_after_zero_grad": layer.dW}


exercise = Exercise(
    title="A linear module",
    use=use,
    forward=linear,
    asks={
        "out": Value(points=1),
        "dx": Gradient("x", upstream="dout", points=2),
        "dW": Gradient("W", upstream="dout", points=2),
        "db": Gradient("b", upstream="dout", points=1),
        "dW_of_two_calls": Gradient("W", of=two_calls, points=2),
        "db_of_two_calls": Gradient("b", of=two_calls, points=1),
        "dW_after_zero_grad": Gradient("W", upstream="dout", points=1),
    },
    sizes={"N": (1, 6), "D": (1, 6), "H": (1, 6)},
)
