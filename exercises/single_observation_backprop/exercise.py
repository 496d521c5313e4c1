"""Backpropagation of one observation: one hidden layer, ReLU, sigmoid, squared error."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Uniform


def loss(
    x: Float[Tensor, "D"], t: Float[Tensor, "1"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]
) -> Float[Tensor, ""]:
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    return ((prob - t) ** 2).sum()


exercise = Exercise(
    title="Backprop of one observation",
    entry_point="single_observation_backprop",
    forward=loss,
    asks={"dloss_dwout": Gradient("wout", points=4), "dloss_dW": Gradient("W", points=6)},
    sizes={"D": (1, 32), "H": (1, 32)},
    inputs={"t": Uniform(0, 1)},
    requires=("local_derivatives",),
)
