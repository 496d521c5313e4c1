"""A chain of modules as a module: forward from the first to the last, backward from the last to the first."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value


def chain(x: Float[Tensor, "N D"], W1: Float[Tensor, "D H"], W2: Float[Tensor, "H M"]) -> Float[Tensor, "N M"]:
    return torch.tanh(x @ W1) @ W2


def use(student: Any, x: Any, W1: Any, W2: Any, dout: Any) -> Iterator[dict[str, Any]]:
    class Times:
        def __init__(self, W):
            self.W, self.dW = W, None

        def forward(self, x):
            self.x = x
            return x @ self.W

        def backward(self, dout):
            self.dW = self.x.T @ dout if self.dW is None else self.dW + self.x.T @ dout
            return dout @ self.W.T

    class Tanh:
        def forward(self, x):
            self.out = torch.tanh(x)
            return self.out

        def backward(self, dout):
            return dout * (1 - self.out**2)

    first, last = Times(W1), Times(W2)
    model = student.Sequential(first, Tanh(), last)
    student.Sequential(Tanh())
    yield {"out": model.forward(x)}
    model.backward(dout)
    first.dW = last.dW = None
    model.forward(x)
    yield {"dx": model.backward(dout)}
    yield {"dW1": first.dW, "dW2": last.dW}


exercise = Exercise(
    title="A chain of modules",
    use=use,
    forward=chain,
    asks={
        "out": Value(points=2),
        "dx": Gradient("x", upstream="dout", points=3),
        "dW1": Gradient("W1", upstream="dout", points=2),
        "dW2": Gradient("W2", upstream="dout", points=1),
    },
    sizes={"N": (1, 5), "D": (1, 5), "H": (1, 5), "M": (1, 5)},
    requires=("linear_module",),
)
