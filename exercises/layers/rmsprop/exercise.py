"""RMSProp: every weight has a step size of its own, smaller where gradients have been large."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Uniform, Value

LEARNING_RATE = 1e-2
DECAY_RATE = 0.99
EPSILON = 1e-2
"""It stands outside of the root. Large enough to be seen: the usual 1e-8 would hide on which side it stands."""


def new_cache(dw: Float[Tensor, "D H"], cache: Float[Tensor, "D H"]) -> Float[Tensor, "D H"]:
    return DECAY_RATE * cache + (1 - DECAY_RATE) * dw**2


def step(w: Tensor, dw: Tensor, cache: Tensor) -> Tensor:
    return w - LEARNING_RATE * dw / (torch.sqrt(cache) + EPSILON)


def next_w(
    w: Float[Tensor, "D H"], dw: Float[Tensor, "D H"], cache: Float[Tensor, "D H"], dw2: Float[Tensor, "D H"]
) -> Float[Tensor, "D H"]:
    return step(w, dw, new_cache(dw, cache))


def after_two_steps(
    w: Float[Tensor, "D H"], dw: Float[Tensor, "D H"], cache: Float[Tensor, "D H"], dw2: Float[Tensor, "D H"]
) -> Float[Tensor, "D H"]:
    first = new_cache(dw, cache)
    return step(step(w, dw, first), dw2, new_cache(dw2, first))


def use(student: Any, w: Any, dw: Any, cache: Any, dw2: Any) -> Iterator[dict[str, Any]]:
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-2, "cache": cache}
    next_w, config = student.rmsprop(w, dw, config)
    yield {"next_w": next_w, "cache": config["cache"]}
    last_w, _ = student.rmsprop(next_w, dw2, config)
    yield {"after_two_steps": last_w}


exercise = Exercise(
    title="RMSProp",
    use=use,
    framework="numpy",
    forward=next_w,
    asks={
        "next_w": Value(points=3),
        "cache": Value(points=2, of=new_cache),
        "after_two_steps": Value(points=3, of=after_two_steps),
    },
    sizes={"D": (1, 6), "H": (1, 6)},
    inputs={"cache": Uniform(0.1, 2.0)},
)
