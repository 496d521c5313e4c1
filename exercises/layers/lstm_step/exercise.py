"""One time step of an LSTM layer: gates decide what the cell forgets, takes in and shows."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Value

GATES = ("i", "f", "o", "g")
"""The order of the gates in the four blocks of Wx, Wh and b: input, forget, output, and the candidate."""


def step(
    x: Float[Tensor, "N D"],
    prev_h: Float[Tensor, "N H"],
    prev_c: Float[Tensor, "N H"],
    Wx: Float[Tensor, "D 4*H"],
    Wh: Float[Tensor, "H 4*H"],
    b: Float[Tensor, "4*H"],
    dnext_h: Float[Tensor, "N H"],
    dnext_c: Float[Tensor, "N H"],
) -> dict[str, Tensor]:
    scores = x @ Wx + prev_h @ Wh + b
    parts = dict(zip(GATES, scores.chunk(4, dim=1), strict=True))
    i, f, o = torch.sigmoid(parts["i"]), torch.sigmoid(parts["f"]), torch.sigmoid(parts["o"])
    g = torch.tanh(parts["g"])
    next_c = f * prev_c + i * g
    next_h = o * torch.tanh(next_c)
    return {"next_h": next_h, "next_c": next_c}


def use(
    student: Any, x: Any, prev_h: Any, prev_c: Any, Wx: Any, Wh: Any, b: Any, dnext_h: Any, dnext_c: Any
) -> Iterator[dict[str, Any]]:
    next_h, next_c, cache = student.lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b)
    yield {"next_h": next_h, "next_c": next_c}
    student.lstm_step_forward(-x, prev_h, prev_c, Wx, Wh, b)
    dx, dprev_h, dprev_c, dWx, dWh, db = student.lstm_step_backward(dnext_h, dnext_c, cache)
    yield {"dx": dx, "dprev_h": dprev_h, "dprev_c": dprev_c, "dWx": dWx, "dWh": dWh, "db": db}


ORDER = "this course has the blocks in the order i, f, o, g."
UPSTREAM = {"next_h": "dnext_h", "next_c": "dnext_c"}

exercise = Exercise(
    title="One step of an LSTM layer",
    use=use,
    framework="numpy",
    forward=step,
    asks={
        "next_h": Value(points=2),
        "next_c": Value(points=1),
        "dx": Gradient("x", upstream=UPSTREAM, points=2),
        "dprev_h": Gradient("prev_h", upstream=UPSTREAM, points=2),
        "dprev_c": Gradient("prev_c", upstream=UPSTREAM, points=3),
        "dWx": Gradient("Wx", upstream=UPSTREAM, points=2),
        "dWh": Gradient("Wh", upstream=UPSTREAM, points=2),
        "db": Gradient("b", upstream=UPSTREAM, points=1),
    },
    sizes={"N": (1, 4), "D": (1, 4), "H": (1, 4)},
    requires=("rnn_step",),
    conventions=(
        Convention(
            "gates-i-f-g-o", {"GATES": ("i", "f", "g", "o")}, f"This is the order i, f, g, o, as in torch; {ORDER}"
        ),
        Convention("gates-i-g-f-o", {"GATES": ("i", "g", "f", "o")}, f"This is the order i, g, f, o; {ORDER}"),
        Convention("gates-f-i-g-o", {"GATES": ("f", "i", "g", "o")}, f"This is the order f, i, g, o; {ORDER}"),
        Convention("gates-f-i-o-g", {"GATES": ("f", "i", "o", "g")}, f"This is the order f, i, o, g; {ORDER}"),
    ),
)
