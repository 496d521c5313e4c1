"""A cross-entropy module: softmax and the mean negative log-likelihood in one object."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Uniform, Value

AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def loss(x: Float[Tensor, "N C"], y: Int[Tensor, "N"], dout: Float[Tensor, ""]) -> Float[Tensor, ""]:
    logprobs = torch.log_softmax(x, dim=1)
    return -AVERAGE(logprobs[torch.arange(len(y)), y])


def use(student: Any, x: Any, y: Any, dout: Any) -> Iterator[dict[str, Any]]:
    criterion = student.CrossEntropy()
    yield {"loss": criterion.forward(x, y)}
    student.CrossEntropy().forward(-x, y)
    yield {"dx": criterion.backward()}
    criterion.forward(x, y)
    yield {"dx_scaled": criterion.backward(dout)}


exercise = Exercise(
    title="A cross-entropy module",
    use=use,
    forward=loss,
    asks={
        "loss": Value(points=2),
        "dx": Gradient("x", points=4),
        "dx_scaled": Gradient("x", upstream="dout", points=2),
    },
    sizes={"N": (1, 7), "C": (2, 6)},
    inputs={"y": Integers(0, "C"), "dout": Uniform(1.5, 4.0)},
    conventions=(
        Convention(
            "sum-instead-of-mean",
            {"AVERAGE": torch.sum},
            "Here the losses of the batch are added up, as some courses do; this course takes their mean.",
        ),
    ),
)
