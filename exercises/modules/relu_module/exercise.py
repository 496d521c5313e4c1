"""A ReLU module: an object that remembers where its input was positive."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def relu(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    return torch.relu(x)


def use(student: Any, x: Any, dout: Any) -> Iterator[dict[str, Any]]:
    layer = student.ReLU()
    yield {"out": layer.forward(x)}
    student.ReLU().forward(-x)
    yield {"dx": layer.backward(dout)}


exercise = Exercise(
    title="A ReLU module",
    use=use,
    forward=relu,
    asks={"out": Value(points=1), "dx": Gradient("x", upstream="dout", points=3)},
    sizes={"N": (1, 6), "D": (1, 6)},
)
