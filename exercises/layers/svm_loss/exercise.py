"""The multiclass SVM loss of a batch of scores: how far wrong classes come closer than the margin."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Value

MARGIN = 1.0
AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def hinge(margins: Tensor) -> Tensor:
    return torch.relu(margins)


def loss(x: Float[Tensor, "N C"], y: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    rows = torch.arange(len(y))
    correct = x[rows, y]
    margins = hinge(x - correct[:, None] + MARGIN)
    others = torch.ones_like(x)
    others[rows, y] = 0.0
    return AVERAGE((margins * others).sum(dim=1))


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
    conventions=(
        Convention(
            "sum-instead-of-mean",
            {"AVERAGE": torch.sum},
            "Here the losses of the batch are added up, as some courses do; this course takes their mean.",
        ),
        Convention(
            "squared-hinge",
            {"hinge": lambda margins: torch.relu(margins) ** 2},
            "Here the margins are squared, which some courses call the L2-SVM; this course adds them up as they are.",
        ),
    ),
)
