"""Gradient descent with momentum: the velocity remembers earlier gradients."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Value

LEARNING_RATE = 1e-2
MOMENTUM = 0.9
"""velocity = MOMENTUM * velocity - LEARNING_RATE * dw, and next_w = w + velocity."""


def new_velocity(dw: Float[Tensor, "D H"], velocity: Float[Tensor, "D H"]) -> Float[Tensor, "D H"]:
    return MOMENTUM * velocity - LEARNING_RATE * dw


def next_w(
    w: Float[Tensor, "D H"], dw: Float[Tensor, "D H"], velocity: Float[Tensor, "D H"], dw2: Float[Tensor, "D H"]
) -> Float[Tensor, "D H"]:
    return w + new_velocity(dw, velocity)


def after_two_steps(
    w: Float[Tensor, "D H"], dw: Float[Tensor, "D H"], velocity: Float[Tensor, "D H"], dw2: Float[Tensor, "D H"]
) -> Float[Tensor, "D H"]:
    first = new_velocity(dw, velocity)
    return w + first + new_velocity(dw2, first)


def use(student: Any, w: Any, dw: Any, velocity: Any, dw2: Any) -> Iterator[dict[str, Any]]:
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": velocity}
    next_w, config = student.sgd_momentum(w, dw, config)
    yield {"next_w": next_w, "velocity": config["velocity"]}
    last_w, _ = student.sgd_momentum(next_w, dw2, config)
    yield {"after_two_steps": last_w}


exercise = Exercise(
    title="Gradient descent with momentum",
    use=use,
    framework="numpy",
    forward=next_w,
    asks={
        "next_w": Value(points=3),
        "velocity": Value(points=2, of=new_velocity),
        "after_two_steps": Value(points=3, of=after_two_steps),
    },
    sizes={"D": (1, 6), "H": (1, 6)},
)
