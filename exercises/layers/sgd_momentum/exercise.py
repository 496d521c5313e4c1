"""Gradient descent with momentum: the velocity remembers earlier gradients."""

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Uniform, Value


def new_velocity(
    dw: Float[Tensor, "D H"], velocity: Float[Tensor, "D H"], learning_rate: float, momentum: float
) -> Float[Tensor, "D H"]:
    return momentum * velocity - learning_rate * dw


def moved(w: Tensor, velocity: Tensor, learning_rate: float) -> Tensor:
    return w + velocity


def next_w(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    velocity: Float[Tensor, "D H"],
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    momentum: float,
) -> Float[Tensor, "D H"]:
    return moved(w, new_velocity(dw, velocity, learning_rate, momentum), learning_rate)


def after_two_steps(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    velocity: Float[Tensor, "D H"],
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    momentum: float,
) -> Float[Tensor, "D H"]:
    first = new_velocity(dw, velocity, learning_rate, momentum)
    second = new_velocity(dw2, first, learning_rate, momentum)
    return moved(moved(w, first, learning_rate), second, learning_rate)


def use(
    student: Any, w: Any, dw: Any, velocity: Any, dw2: Any, learning_rate: Any, momentum: Any
) -> Iterator[dict[str, Any]]:
    config = {"learning_rate": learning_rate, "momentum": momentum, "velocity": velocity}
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
    inputs={"learning_rate": Uniform(0.01, 0.1), "momentum": Uniform(0.5, 0.95)},
    conventions=(
        Convention(
            "rate-on-the-velocity",
            {
                "new_velocity": lambda dw, velocity, learning_rate, momentum: momentum * velocity + dw,
                "moved": lambda w, velocity, learning_rate: w - learning_rate * velocity,
            },
            "Here the learning rate multiplies the velocity, as in torch; in this course it multiplies dw alone.",
        ),
        Convention(
            "velocity-subtracted",
            {
                "new_velocity": lambda dw, velocity, learning_rate, momentum: momentum * velocity + learning_rate * dw,
                "moved": lambda w, velocity, learning_rate: w - velocity,
            },
            "Here the velocity points uphill and is subtracted, as some books have it; in this course it is added.",
        ),
        Convention(
            "averaged-velocity",
            {
                "new_velocity": lambda dw, velocity, learning_rate, momentum: momentum * velocity + (1 - momentum) * dw,
                "moved": lambda w, velocity, learning_rate: w - learning_rate * velocity,
            },
            "Here the velocity is an average, with a factor 1 - momentum; in this course it has the learning rate.",
        ),
    ),
)
