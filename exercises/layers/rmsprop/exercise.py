"""RMSProp: every weight has a step size of its own, smaller where gradients have been large."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Uniform, Value


def new_cache(dw: Float[Tensor, "D H"], cache: Float[Tensor, "D H"], decay_rate: float) -> Float[Tensor, "D H"]:
    return decay_rate * cache + (1 - decay_rate) * dw**2


def scaled(dw: Tensor, cache: Tensor, epsilon: float) -> Tensor:
    return dw / (torch.sqrt(cache) + epsilon)


def next_w(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    cache: Float[Tensor, "D H"],
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
) -> Float[Tensor, "D H"]:
    return w - learning_rate * scaled(dw, new_cache(dw, cache, decay_rate), epsilon)


def after_two_steps(
    w: Float[Tensor, "D H"],
    dw: Float[Tensor, "D H"],
    cache: Float[Tensor, "D H"],
    dw2: Float[Tensor, "D H"],
    learning_rate: float,
    decay_rate: float,
    epsilon: float,
) -> Float[Tensor, "D H"]:
    first = new_cache(dw, cache, decay_rate)
    second = new_cache(dw2, first, decay_rate)
    return w - learning_rate * scaled(dw, first, epsilon) - learning_rate * scaled(dw2, second, epsilon)


def use(
    student: Any, w: Any, dw: Any, cache: Any, dw2: Any, learning_rate: Any, decay_rate: Any, epsilon: Any
) -> Iterator[dict[str, Any]]:
    config = {"learning_rate": learning_rate, "decay_rate": decay_rate, "epsilon": epsilon, "cache": cache}
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
    inputs={
        "cache": Uniform(0.1, 2.0),
        "learning_rate": Uniform(0.01, 0.1),
        "decay_rate": Uniform(0.6, 0.99),
        "epsilon": Uniform(2e-3, 1e-2),
    },
    conventions=(
        Convention(
            "epsilon-inside-of-the-root",
            {"scaled": lambda dw, cache, epsilon: dw / torch.sqrt(cache + epsilon)},
            "Here epsilon is added inside of the root, as other courses have it; in this course it stands outside.",
        ),
        Convention(
            "decay-rate-of-the-new",
            {"new_cache": lambda dw, cache, decay_rate: (1 - decay_rate) * cache + decay_rate * dw**2},
            "Here decay_rate is the share of the new gradient; in this course it is the share of the old cache.",
        ),
    ),
)
