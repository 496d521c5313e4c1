"""A recurrent layer over a whole sequence: every state depends on all inputs before it."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def states(
    x: Float[Tensor, "N T D"],
    h0: Float[Tensor, "N H"],
    Wx: Float[Tensor, "D H"],
    Wh: Float[Tensor, "H H"],
    b: Float[Tensor, "H"],
) -> Float[Tensor, "N T H"]:
    h, found = h0, []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ Wx + h @ Wh + b)
        found.append(h)
    return torch.stack(found, dim=1)


def use(student: Any, x: Any, h0: Any, Wx: Any, Wh: Any, b: Any, dh: Any) -> Iterator[dict[str, Any]]:
    h, cache = student.rnn_forward(x, h0, Wx, Wh, b)
    yield {"h": h}
    student.rnn_forward(-x, h0, Wx, Wh, b)
    dx, dh0, dWx, dWh, db = student.rnn_backward(dh, cache)
    yield {"dx": dx, "dh0": dh0, "dWx": dWx, "dWh": dWh, "db": db}


exercise = Exercise(
    title="A recurrent layer over a sequence",
    use=use,
    framework="numpy",
    forward=states,
    asks={
        "h": Value(points=2),
        "dx": Gradient("x", upstream="dh", points=2),
        "dh0": Gradient("h0", upstream="dh", points=2),
        "dWx": Gradient("Wx", upstream="dh", points=2),
        "dWh": Gradient("Wh", upstream="dh", points=2),
        "db": Gradient("b", upstream="dh", points=2),
    },
    sizes={"N": (1, 4), "T": (1, 5), "D": (1, 4), "H": (1, 4)},
    requires=("rnn_step",),
)
