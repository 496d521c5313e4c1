"""The full Jacobian dh/dW of h = xW, its compact form, and its product with an upstream gradient."""

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Jacobian


def hidden(x: Float[Tensor, "D"], W: Float[Tensor, "D H"]) -> Float[Tensor, "H"]:
    return x @ W


def loss(x: Float[Tensor, "D"], W: Float[Tensor, "D H"], dloss_dh: Float[Tensor, "H"]) -> Float[Tensor, ""]:
    return (hidden(x, W) * dloss_dh).sum()


exercise = Exercise(
    title="The full Jacobian and its compact form",
    entry_point="full_jacobian",
    forward=loss,
    asks={
        "dh_dW": Jacobian("W", of=hidden, points=4),
        "J": Gradient("W", of=hidden, points=2),
        "dloss_dW": Gradient("W", points=4),
    },
    sizes={"D": (1, 16), "H": (1, 16)},
    requires=("vector_matrix_derivative",),
)
