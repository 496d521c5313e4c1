"""The chain rule with shapes: back through y = v W, a vector times a matrix, for any upstream gradient."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def loss(v: Float[Tensor, "D"], W: Float[Tensor, "D H"], dloss_dy: Float[Tensor, "H"]) -> Float[Tensor, ""]:
    y = v @ W
    return (y * dloss_dy).sum()


exercise = Exercise(
    title="Back through a vector times a matrix",
    entry_point="vector_times_matrix",
    forward=loss,
    asks={"dloss_dv": Gradient("v", points=3), "dloss_dW": Gradient("W", points=3)},
    sizes={"D": (1, 32), "H": (1, 32)},
    requires=("scalar_times_vector",),
)
