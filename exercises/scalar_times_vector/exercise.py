"""The chain rule with shapes: back through y = c * v, a number times a vector, for any upstream gradient."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def loss(c: Float[Tensor, ""], v: Float[Tensor, "D"], dloss_dy: Float[Tensor, "D"]) -> Float[Tensor, ""]:
    y = c * v
    return (y * dloss_dy).sum()


exercise = Exercise(
    title="Back through a number times a vector",
    entry_point="scalar_times_vector",
    forward=loss,
    asks={"dloss_dc": Gradient("c", points=2), "dloss_dv": Gradient("v", points=2)},
    sizes={"D": (1, 32)},
    requires=("probability_gradient",),
)
