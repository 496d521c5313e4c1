"""One time step of a recurrent layer: the input and the previous state give the next state, through tanh."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def step(
    x: Float[Tensor, "N D"],
    prev_h: Float[Tensor, "N H"],
    Wx: Float[Tensor, "D H"],
    Wh: Float[Tensor, "H H"],
    b: Float[Tensor, "H"],
) -> Float[Tensor, "N H"]:
    score = x @ Wx + prev_h @ Wh + b
    return torch.tanh(score)


def use(student: Any, x: Any, prev_h: Any, Wx: Any, Wh: Any, b: Any, dnext_h: Any) -> Iterator[dict[str, Any]]:
    next_h, cache = student.rnn_step_forward(x, prev_h, Wx, Wh, b)
    yield {"next_h": next_h}
    student.rnn_step_forward(-x, prev_h, Wx, Wh, b)
    dx, dprev_h, dWx, dWh, db = student.rnn_step_backward(dnext_h, cache)
    yield {"dx": dx, "dprev_h": dprev_h, "dWx": dWx, "dWh": dWh, "db": db}


exercise = Exercise(
    title="One step of a recurrent layer",
    use=use,
    framework="numpy",
    forward=step,
    asks={
        "next_h": Value(points=1),
        "dx": Gradient("x", upstream="dnext_h", points=2),
        "dprev_h": Gradient("prev_h", upstream="dnext_h", points=2),
        "dWx": Gradient("Wx", upstream="dnext_h", points=2),
        "dWh": Gradient("Wh", upstream="dnext_h", points=2),
        "db": Gradient("b", upstream="dnext_h", points=1),
    },
    sizes={"N": (1, 5), "D": (1, 5), "H": (1, 5)},
)
