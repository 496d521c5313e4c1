"""The update step: many small steps or one with the sum of the gradients, and all gradients before any update."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Uniform, Value


def scores(x: Float[Tensor, "*N D"], W: Float[Tensor, "D H"], v: Float[Tensor, "H"], lr: float) -> Float[Tensor, "*N"]:
    h = x @ W
    return h @ v  # lr belongs to the update


def pieces(x: Tensor, W: Tensor, v: Tensor) -> Tensor:
    """What the total score is the sum of: one piece per hidden unit (one observation) or per observation (batch)."""
    return (x @ W) * v if x.ndim == 1 else x @ W @ v


def gradient(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    with torch.enable_grad():
        at = at.detach().requires_grad_()
        return torch.autograd.grad(function(at), at)[0]


def step_by_step(x: Tensor, W: Tensor, v: Tensor, lr: float) -> Tensor:
    path = [W]
    for i in range(len(pieces(x, W, v))):
        path.append(path[-1] - lr * gradient(lambda W, i=i: pieces(x, W, v)[i], W))
    return torch.stack(path[1:])


def step_of_W(x: Tensor, W: Tensor, v: Tensor, lr: float) -> Tensor:
    return W - lr * gradient(lambda W: pieces(x, W, v).sum(), W)


def step_of_v(x: Tensor, W: Tensor, v: Tensor, lr: float) -> Tensor:
    return v - lr * gradient(lambda v: pieces(x, W, v).sum(), v)


exercise = Exercise(
    title="The update step",
    entry_point="update_step",
    forward=scores,
    asks={
        "W_path": Value(of=step_by_step, points={"one_observation": 2, "batch": 2}),
        "W_new": Value(of=step_of_W, points={"one_observation": 1, "batch": 2}),
        "v_new": Value(of=step_of_v, points={"one_observation": 1, "batch": 2}),
    },
    sizes={"N": (1, 12), "D": (1, 12), "H": (1, 12)},
    inputs={"lr": Uniform(0.1, 1)},
    variants={"one_observation": {"x": "D"}, "batch": {"x": "N D"}},
    requires=("full_jacobian",),
)
