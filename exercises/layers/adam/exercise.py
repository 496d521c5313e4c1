"""Adam: momentum and step sizes of RMSProp together, corrected for their start at zero."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Integers, Uniform, Value


def new_m(dw: Float[Tensor, "D H"], m: Float[Tensor, "D H"], beta1: float) -> Float[Tensor, "D H"]:
    return beta1 * m + (1 - beta1) * dw


def new_v(dw: Float[Tensor, "D H"], v: Float[Tensor, "D H"], beta2: float) -> Float[Tensor, "D H"]:
    return beta2 * v + (1 - beta2) * dw**2


def direction(m: Tensor, v: Tensor, t: int, beta1: float, beta2: float, epsilon: float) -> Tensor:
    return (m / (1 - beta1**t)) / (torch.sqrt(v / (1 - beta2**t)) + epsilon)


def inside(m: Tensor, v: Tensor, t: int, beta1: float, beta2: float, epsilon: float) -> Tensor:
    """The direction in a course that adds epsilon inside of the root."""
    return (m / (1 - beta1**t)) / torch.sqrt(v / (1 - beta2**t) + epsilon)


def corrected_last(m: Tensor, v: Tensor, t: int, beta1: float, beta2: float, epsilon: float) -> Tensor:
    """The direction in a course that corrects the step as a whole."""
    return m / (torch.sqrt(v) + epsilon) * (1 - beta2**t) ** 0.5 / (1 - beta1**t)


def next_w(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    m: Float[Tensor, "D H"],
    v: Float[Tensor, "D H"],
    t: int,
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> Float[Tensor, "D H"]:
    return w - learning_rate * direction(new_m(dw, m, beta1), new_v(dw, v, beta2), t + 1, beta1, beta2, epsilon)


def after_two_steps(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    m: Float[Tensor, "D H"],
    v: Float[Tensor, "D H"],
    t: int,
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> Float[Tensor, "D H"]:
    m1, v1 = new_m(dw, m, beta1), new_v(dw, v, beta2)
    m2, v2 = new_m(dw2, m1, beta1), new_v(dw2, v1, beta2)
    first = direction(m1, v1, t + 1, beta1, beta2, epsilon)
    return w - learning_rate * (first + direction(m2, v2, t + 2, beta1, beta2, epsilon))


def use(
    student: Any,
    w: Any,
    dw: Any,
    m: Any,
    v: Any,
    t: Any,
    dw2: Any,
    learning_rate: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
) -> Iterator[dict[str, Any]]:
    config = {
        "learning_rate": learning_rate,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "m": m,
        "v": v,
        "t": t,
    }
    next_w, config = student.adam(w, dw, config)
    yield {"next_w": next_w, "m": config["m"], "v": config["v"], "t": config["t"]}
    last_w, _ = student.adam(next_w, dw2, config)
    yield {"after_two_steps": last_w}


def new_t(t: int, w: Float[Tensor, "D H"]) -> Float[Tensor, ""]:
    return torch.tensor(t + 1)


exercise = Exercise(
    title="Adam",
    use=use,
    framework="numpy",
    forward=next_w,
    asks={
        "next_w": Value(points=4),
        "m": Value(points=1, of=new_m),
        "v": Value(points=1, of=new_v),
        "t": Value(points=1, of=new_t),
        "after_two_steps": Value(points=3, of=after_two_steps),
    },
    sizes={"D": (1, 6), "H": (1, 6)},
    inputs={
        "v": Uniform(0.1, 2.0),
        "t": Integers(0, 5),
        "learning_rate": Uniform(0.01, 0.1),
        "beta1": Uniform(0.6, 0.95),
        "beta2": Uniform(0.8, 0.99),
        "epsilon": Uniform(2e-3, 1e-2),
    },
    conventions=(
        Convention(
            "epsilon-inside-of-the-root",
            {"direction": inside},
            "Here epsilon is added inside of the root; in this course, as in the paper, it stands outside.",
        ),
        Convention(
            "epsilon-before-the-correction",
            {"direction": corrected_last},
            "Here epsilon is added to the root of v before v is corrected; in this course v is corrected first.",
        ),
    ),
    requires=("sgd_momentum", "rmsprop"),
)
