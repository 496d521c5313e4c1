"""The forward pass of the two-layer network, every value that the backward pass will need."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Uniform, Value


def h(x: Float[Tensor, "*N D"], W: Float[Tensor, "D H"]) -> Float[Tensor, "*N H"]:
    return x @ W


def hact(x: Float[Tensor, "*N D"], W: Float[Tensor, "D H"]) -> Float[Tensor, "*N H"]:
    return torch.relu(h(x, W))


def score(x: Float[Tensor, "*N D"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]) -> Float[Tensor, "*N"]:
    return hact(x, W) @ wout


def prob(x: Float[Tensor, "*N D"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]) -> Float[Tensor, "*N"]:
    return torch.sigmoid(score(x, W, wout))


def loss(
    x: Float[Tensor, "*N D"], t: Float[Tensor, "*N"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]
) -> Float[Tensor, ""]:
    return ((prob(x, W, wout) - t) ** 2).sum()


exercise = Exercise(
    title="The forward pass",
    entry_point="forward_pass",
    forward=loss,
    asks={
        "h": Value(of=h, points=0.5),
        "hact": Value(of=hact, points=0.5),
        "score": Value(of=score, points=0.5),
        "prob": Value(of=prob, points=0.5),
        "loss": Value(points=0.5),
    },
    sizes={"N": (1, 32), "D": (1, 16), "H": (1, 16)},
    inputs={"t": Uniform(0, 1)},
    variants={"one_observation": {"x": "D", "t": ""}, "batch": {"x": "N D", "t": "N"}},
    requires=("update_step",),
)
