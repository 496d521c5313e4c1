"""The softmax loss of a batch of scores: the mean cross-entropy with the right class."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Value

AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def loss(x: Float[Tensor, "N C"], y: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    logprobs = torch.log_softmax(x, dim=1)
    return -AVERAGE(logprobs[torch.arange(len(y)), y])


def large_loss(x: Float[Tensor, "N C"], y: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    """The loss of scores around a thousand: only differences of scores count, so it is that of x itself."""
    return loss(x, y)


def use(student: Any, x: Any, y: Any) -> Iterator[dict[str, Any]]:
    loss, dx = student.softmax_loss(x, y)
    yield {"loss": loss, "dx": dx}
    large, dlarge = student.softmax_loss(x + 1000.0 * (np.arange(len(x)) % 2 == 0)[:, None], y)
    yield {"large_loss": large, "dx_of_large": dlarge}


exercise = Exercise(
    title="Softmax loss",
    use=use,
    framework="numpy",
    forward=loss,
    asks={
        "loss": Value(points=2),
        "dx": Gradient("x", points=5),
        "large_loss": Value(points=1, of=large_loss),
        "dx_of_large": Gradient("x", points=2, of=large_loss),
    },
    sizes={"N": (1, 8), "C": (2, 8)},
    inputs={"y": Integers(0, "C")},
    conventions=(
        Convention(
            "sum-instead-of-mean",
            {"AVERAGE": torch.sum},
            "Here the losses of the batch are added up, as some courses do; this course takes their mean.",
        ),
    ),
)
