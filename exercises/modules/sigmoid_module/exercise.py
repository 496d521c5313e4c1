"""A sigmoid module: an object that keeps its output, which is all that the backward pass needs."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def sigmoid(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    return torch.sigmoid(x)


def use(student: Any, x: Any, dout: Any) -> Iterator[dict[str, Any]]:
    layer = student.Sigmoid()
    yield {"out": layer.forward(x)}
    student.Sigmoid().forward(x + 1)
    yield {"dx": layer.backward(dout)}


exercise = Exercise(
    title="A sigmoid module",
    use=use,
    forward=sigmoid,
    asks={"out": Value(points=1), "dx": Gradient("x", upstream="dout", points=3)},
    sizes={"N": (1, 6), "D": (1, 6)},
)
