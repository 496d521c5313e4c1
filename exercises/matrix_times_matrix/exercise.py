"""The chain rule with shapes: back through Y = X W, a batch times a matrix, for any upstream gradient."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def loss(X: Float[Tensor, "N D"], W: Float[Tensor, "D H"], dloss_dY: Float[Tensor, "N H"]) -> Float[Tensor, ""]:
    Y = X @ W
    return (Y * dloss_dY).sum()


exercise = Exercise(
    title="Back through a matrix times a matrix",
    entry_point="matrix_times_matrix",
    forward=loss,
    asks={"dloss_dX": Gradient("X", points=4), "dloss_dW": Gradient("W", points=4)},
    sizes={"N": (1, 32), "D": (1, 32), "H": (1, 32)},
    requires=("vector_times_matrix",),
)
