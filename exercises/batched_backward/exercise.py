"""Backpropagation through a batch: one hidden layer, ReLU, sigmoid, squared error."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Uniform


def loss(
    X: Float[Tensor, "N D"], t: Float[Tensor, "N"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]
) -> Float[Tensor, ""]:
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    return ((prob - t) ** 2).sum()


exercise = Exercise(
    title="Batched backward pass",
    entry_point="batched_backward",
    forward=loss,
    asks={"dloss_dW": Gradient("W", points=6), "dloss_dwout": Gradient("wout", points=4)},
    sizes={"N": (1, 64), "D": (1, 32), "H": (1, 32)},
    inputs={"t": Uniform(0, 1)},
    requires=("score_gradient",),
)
