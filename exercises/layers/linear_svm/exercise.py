"""A linear classifier with the multiclass SVM loss and a penalty on its weights, without a loop over observations."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Normal, Uniform, Value

MARGIN = 1.0
PENALTY = 1.0
"""The penalty is PENALTY * reg * sum(W**2); other courses take a half."""
AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def hinge(margins: Tensor) -> Tensor:
    return torch.relu(margins)


def loss(W: Float[Tensor, "D C"], X: Float[Tensor, "N D"], y: Int[Tensor, "N"], reg: float) -> Float[Tensor, ""]:
    scores = X @ W
    rows = torch.arange(len(y))
    correct = scores[rows, y]
    margins = hinge(scores - correct[:, None] + MARGIN)
    others = torch.ones_like(scores)
    others[rows, y] = 0.0
    return AVERAGE((margins * others).sum(dim=1)) + PENALTY * reg * (W**2).sum()


def use(student: Any, W: Any, X: Any, y: Any, reg: Any) -> Iterator[dict[str, Any]]:
    loss, dW = student.svm_loss_vectorized(W, X, y, reg)
    yield {"loss": loss, "dW": dW}


exercise = Exercise(
    title="Linear classifier with SVM loss",
    use=use,
    framework="numpy",
    forward=loss,
    asks={"loss": Value(points=3), "dW": Gradient("W", points=7)},
    forbids=("loop over N",),
    sizes={"D": (1, 6), "C": (2, 6), "N": (1, 8)},
    inputs={"y": Integers(0, "C"), "reg": Uniform(0.1, 1.0), "X": Normal(2.0)},
    requires=("svm_loss",),
    conventions=(
        Convention(
            "penalty-with-a-half",
            {"PENALTY": 0.5},
            "Here the penalty has a factor 1/2, as in other courses; in this exercise it is reg * sum(W**2).",
        ),
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
