"""Layer normalisation: every observation gets mean 0 and variance 1 over its features, then a scale and a shift."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Value

EPS = 1e-5


def layernorm(x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    mean = x.mean(dim=1, keepdim=True)
    centered = x - mean
    variance = (centered**2).mean(dim=1, keepdim=True)
    xhat = centered / torch.sqrt(variance + EPS)
    return gamma * xhat + beta


def use(student: Any, x: Any, gamma: Any, beta: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.layernorm_forward(x, gamma, beta, {"eps": 1e-5})
    yield {"out": out}
    student.layernorm_forward(-x, gamma, beta, {"eps": 1e-5})
    dx, dgamma, dbeta = student.layernorm_backward(dout, cache)
    yield {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}


exercise = Exercise(
    title="Layer normalisation",
    use=use,
    framework="numpy",
    forward=layernorm,
    asks={
        "out": Value(points=2),
        "dx": Gradient("x", upstream="dout", points=5),
        "dgamma": Gradient("gamma", upstream="dout", points=2),
        "dbeta": Gradient("beta", upstream="dout", points=1),
    },
    sizes={"N": (1, 6), "D": (3, 8)},
    requires=("batchnorm",),
)
