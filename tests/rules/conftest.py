"""Small exercises made of a forward pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value

Make = Callable[..., Exercise]


@pytest.fixture(scope="session")
def asked() -> Make:
    """An exercise that asks for the gradients of a function of x and w, each of shape (3, 4), and for its value."""

    def make(function: Callable[[Tensor, Tensor], Tensor]) -> Exercise:
        def forward(x: Float[Tensor, "N D"], w: Float[Tensor, "N D"]) -> Tensor:
            y = function(x, w)
            weights = torch.linspace(-2, 3, y.numel(), dtype=y.dtype).reshape(y.shape)
            return (y * weights).sum() + 0 * w.sum()

        asks = {"dx": Gradient("x"), "dw": Gradient("w"), "y": Value()}
        return Exercise(entry_point="f", forward=forward, asks=asks, sizes={"N": (3, 3), "D": (4, 4)}).named("sample")

    return make
