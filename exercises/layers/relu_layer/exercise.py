"""The ReLU layer: nonnegative entries pass, the others become 0."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def relu(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    return torch.relu(x)


def use(student: Any, x: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.relu_forward(x)
    yield {"out": out}
    student.relu_forward(-x)
    yield {"dx": student.relu_backward(dout, cache)}


exercise = Exercise(
    title="ReLU layer",
    use=use,
    framework="numpy",
    forward=relu,
    asks={"out": Value(points=1), "dx": Gradient("x", upstream="dout", points=3)},
    sizes={"N": (1, 8), "D": (1, 8)},
)
