"""The gradient of a batch of scores, back through the output layer and ReLU."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def scores(X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]) -> Float[Tensor, "N"]:
    h = X @ W
    hact = torch.relu(h)
    return hact @ wout


exercise = Exercise(
    title="The score's gradient for a batch",
    entry_point="score_gradient",
    forward=scores,
    asks={"dscore_dW": Gradient("W", points=6), "dscore_dwout": Gradient("wout", points=2)},
    sizes={"N": (1, 32), "D": (1, 32), "H": (1, 32)},
    requires=("matrix_times_matrix",),
)
