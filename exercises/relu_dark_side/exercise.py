"""ReLU's dark side: hidden units that are dead for a batch, the bias's gradient, and where sigmoid stops learning."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Normal, Predicate

SMALL_SLOPE = 0.01


def dead_units(X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], b: Float[Tensor, "H"]) -> Bool[Tensor, "H"]:
    return (X @ W + b <= 0).all(0)


def probabilities(
    X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], b: Float[Tensor, "H"], wout: Float[Tensor, "H"]
) -> Float[Tensor, "N"]:
    h = X @ W + b
    hact = torch.relu(h)
    score = hact @ wout
    return torch.sigmoid(score)


def flat_observations(
    X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], b: Float[Tensor, "H"], wout: Float[Tensor, "H"]
) -> Bool[Tensor, "N"]:
    prob = probabilities(X, W, b, wout)
    return prob * (1 - prob) < SMALL_SLOPE


exercise = Exercise(
    title="ReLU's dark side",
    entry_point="relu_dark_side",
    forward=probabilities,
    asks={
        "dead": Predicate(of=dead_units, points=3),
        "dprob_db": Gradient("b", points=5),
        "flat": Predicate(of=flat_observations, points=2),
    },
    sizes={"N": (1, 12), "D": (1, 8), "H": (1, 12)},
    inputs={"b": Normal(3.0), "wout": Normal(2.0)},
    requires=("batched_backward",),
)
