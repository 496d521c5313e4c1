"""Group normalisation of images: groups of channels get mean 0 and variance 1, then a scale and a shift per channel."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Size, Uniform, Value


def variance_of(centered: Tensor) -> Tensor:
    return (centered**2).mean(dim=2, keepdim=True)


def deviation(variance: Tensor, eps: float) -> Tensor:
    return torch.sqrt(variance + eps)


def groupnorm(
    x: Float[Tensor, "N C H W"], gamma: Float[Tensor, "1 C 1 1"], beta: Float[Tensor, "1 C 1 1"], G: int, eps: float
) -> Float[Tensor, "N C H W"]:
    groups = x.reshape(x.shape[0], G, -1)
    mean = groups.mean(dim=2, keepdim=True)
    centered = groups - mean
    variance = variance_of(centered)
    xhat = (centered / deviation(variance, eps)).reshape(x.shape)
    return gamma * xhat + beta


def use(student: Any, x: Any, gamma: Any, beta: Any, G: Any, eps: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, {"eps": eps})
    yield {"out": out}
    student.spatial_groupnorm_forward(-x, gamma, beta, G, {"eps": eps})
    dx, dgamma, dbeta = student.spatial_groupnorm_backward(dout, cache)
    yield {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}


exercise = Exercise(
    title="Group normalisation of images",
    use=use,
    framework="numpy",
    forward=groupnorm,
    asks={
        "out": Value(points=2),
        "dx": Gradient("x", upstream="dout", points=5),
        "dgamma": Gradient("gamma", upstream="dout", points=2),
        "dbeta": Gradient("beta", upstream="dout", points=1),
    },
    sizes={"N": (1, 4), "C": (1, 6), "H": (1, 3), "W": (3, 4), "G": (1, 3)},
    inputs={"G": Size("G"), "eps": Uniform(2e-3, 1e-2)},
    conditions=("C % G == 0",),
    requires=("layernorm",),
    conventions=(
        Convention(
            "unbiased-variance",
            {"variance_of": lambda centered: (centered**2).sum(dim=2, keepdim=True) / (centered.shape[2] - 1)},
            "Here the variance is divided by one less than the number of entries; this course divides by their number.",
        ),
        Convention(
            "epsilon-outside-of-the-root",
            {"deviation": lambda variance, eps: torch.sqrt(variance) + eps},
            "Here eps is added outside of the root; in this course it is added to the variance, inside.",
        ),
    ),
)
