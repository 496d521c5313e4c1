"""Adam: momentum and step sizes of RMSProp together, corrected for their start at zero."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Integers, Uniform, Value

LEARNING_RATE = 1e-2
BETA1, BETA2 = 0.9, 0.999
EPSILON = 1e-2
"""It stands outside of the root. Large enough to be seen: the usual 1e-8 would hide on which side it stands."""


def new_m(dw: Float[Tensor, "D H"], m: Float[Tensor, "D H"]) -> Float[Tensor, "D H"]:
    return BETA1 * m + (1 - BETA1) * dw


def new_v(dw: Float[Tensor, "D H"], v: Float[Tensor, "D H"]) -> Float[Tensor, "D H"]:
    return BETA2 * v + (1 - BETA2) * dw**2


def step(w: Tensor, m: Tensor, v: Tensor, t: int) -> Tensor:
    return w - LEARNING_RATE * (m / (1 - BETA1**t)) / (torch.sqrt(v / (1 - BETA2**t)) + EPSILON)


def next_w(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    m: Float[Tensor, "D H"],
    v: Float[Tensor, "D H"],
    t: int,
    dw2: Float[Tensor, "D H"],
) -> Float[Tensor, "D H"]:
    return step(w, new_m(dw, m), new_v(dw, v), t + 1)


def after_two_steps(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    m: Float[Tensor, "D H"],
    v: Float[Tensor, "D H"],
    t: int,
    dw2: Float[Tensor, "D H"],
) -> Float[Tensor, "D H"]:
    m1, v1 = new_m(dw, m), new_v(dw, v)
    first = step(w, m1, v1, t + 1)
    return step(first, new_m(dw2, m1), new_v(dw2, v1), t + 2)


def use(student: Any, w: Any, dw: Any, m: Any, v: Any, t: Any, dw2: Any) -> Iterator[dict[str, Any]]:
    config = {"learning_rate": 1e-2, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-2, "m": m, "v": v, "t": t}
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
    inputs={"v": Uniform(0.1, 2.0), "t": Integers(0, 5)},
    requires=("sgd_momentum", "rmsprop"),
)
