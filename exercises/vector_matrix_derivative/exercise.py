"""The derivative of y = xW with respect to W, for one observation and for a batch."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient


def linear(W: Float[Tensor, "D H"], x: Float[Tensor, "*N D"]) -> Float[Tensor, "*N H"]:
    return x @ W


exercise = Exercise(
    title="Vector-matrix derivative",
    entry_point="vector_matrix_derivative",
    forward=linear,
    asks={"dy_dW": Gradient("W", points={"one_observation": 4, "batch": 6})},
    sizes={"N": (1, 64), "D": (1, 32), "H": (1, 32)},
    variants={"one_observation": {"x": "D"}, "batch": {"x": "N D"}},
)
