"""The gradient of the probability itself, f = sigmoid(x W v), where the outer product comes from."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def probability(x: Float[Tensor, "D"], W: Float[Tensor, "D H"], v: Float[Tensor, "H"]) -> Float[Tensor, ""]:
    h = x @ W
    out = h @ v
    return torch.sigmoid(out)


exercise = Exercise(
    title="The gradient of the probability",
    entry_point="probability_gradient",
    forward=probability,
    asks={"df_dW": Gradient("W", points=5), "df_dv": Gradient("v", points=3)},
    sizes={"D": (1, 32), "H": (1, 32)},
    requires=("single_observation_backprop",),
)
