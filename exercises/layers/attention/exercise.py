"""Scaled dot-product attention with one head: every query takes a mean of the values, weighted by how well keys fit."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def attention(
    q: Float[Tensor, "N T D"], k: Float[Tensor, "N T D"], v: Float[Tensor, "N T D"]
) -> Float[Tensor, "N T D"]:
    scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    weights = torch.softmax(scores, dim=-1)
    return weights @ v


def use(student: Any, q: Any, k: Any, v: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.attention_forward(q, k, v)
    yield {"out": out}
    student.attention_forward(-q, k, v)
    dq, dk, dv = student.attention_backward(dout, cache)
    yield {"dq": dq, "dk": dk, "dv": dv}


exercise = Exercise(
    title="Scaled dot-product attention",
    use=use,
    framework="numpy",
    forward=attention,
    asks={
        "out": Value(points=2),
        "dq": Gradient("q", upstream="dout", points=4),
        "dk": Gradient("k", upstream="dout", points=4),
        "dv": Gradient("v", upstream="dout", points=2),
    },
    sizes={"N": (1, 4), "T": (2, 5), "D": (1, 5)},
    requires=("softmax_loss",),
)
