"""The multiclass SVM loss of a batch of scores: how far wrong classes come closer than the margin."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.exercise import Exercise, Gradient, Integers, Value

MARGIN = 1.0


def loss(x: Float[Tensor, "N C"], y: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    rows = torch.arange(len(y))
    correct = x[rows, y]
    margins = torch.relu(x - correct[:, None] + MARGIN)
    others = torch.ones_like(x)
    others[rows, y] = 0.0
    return (margins * others).sum() / len(y)


def use(student: Any, x: Any, y: Any) -> Iterator[dict[str, Any]]:
    loss, dx = student.svm_loss(x, y)
    yield {"loss": loss, "dx": dx}


exercise = Exercise(
    title="SVM loss",
    use=use,
    framework="numpy",
    forward=loss,
    asks={"loss": Value(points=3), "dx": Gradient("x", points=7)},
    sizes={"N": (1, 7), "C": (2, 6)},
    inputs={"y": Integers(0, "C")},
)
