"""Layer normalisation: every observation gets mean 0 and variance 1 over its features, then a scale and a shift."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Uniform, Value


def variance_of(centered: Tensor) -> Tensor:
    return (centered**2).mean(dim=1, keepdim=True)


def deviation(variance: Tensor, eps: float) -> Tensor:
    return torch.sqrt(variance + eps)


def layernorm(
    x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"], eps: float
) -> Float[Tensor, "N D"]:
    mean = x.mean(dim=1, keepdim=True)
    centered = x - mean
    variance = variance_of(centered)
    xhat = centered / deviation(variance, eps)
    return gamma * xhat + beta


def use(student: Any, x: Any, gamma: Any, beta: Any, eps: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.layernorm_forward(x, gamma, beta, {"eps": eps})
    yield {"out": out}
    student.layernorm_forward(-x, gamma, beta, {"eps": eps})
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
    sizes={"N": (1, 8), "D": (3, 8)},
    inputs={"eps": Uniform(2e-3, 1e-2)},
    conventions=(
        Convention(
            "unbiased-variance",
            {"variance_of": lambda centered: (centered**2).sum(dim=1, keepdim=True) / (centered.shape[1] - 1)},
            "Here the variance is divided by one less than the number of entries; this course divides by their number.",
        ),
        Convention(
            "epsilon-outside-of-the-root",
            {"deviation": lambda variance, eps: torch.sqrt(variance) + eps},
            "Here eps is added outside of the root; in this course it is added to the variance, inside.",
        ),
    ),
    requires=("batchnorm",),
)
