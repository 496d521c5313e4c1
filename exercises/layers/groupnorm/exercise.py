"""Group normalisation of images: groups of channels get mean 0 and variance 1, then a scale and a shift per channel."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Size, Value

EPS = 1e-5


def groupnorm(
    x: Float[Tensor, "N C H W"], gamma: Float[Tensor, "1 C 1 1"], beta: Float[Tensor, "1 C 1 1"], G: int
) -> Float[Tensor, "N C H W"]:
    groups = x.reshape(x.shape[0], G, -1)
    mean = groups.mean(dim=2, keepdim=True)
    centered = groups - mean
    variance = (centered**2).mean(dim=2, keepdim=True)
    xhat = (centered / torch.sqrt(variance + EPS)).reshape(x.shape)
    return gamma * xhat + beta


def use(student: Any, x: Any, gamma: Any, beta: Any, G: Any, dout: Any) -> Iterator[dict[str, Any]]:
    out, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, {"eps": 1e-5})
    yield {"out": out}
    student.spatial_groupnorm_forward(-x, gamma, beta, G, {"eps": 1e-5})
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
    inputs={"G": Size("G")},
    conditions=("C % G == 0",),
    requires=("layernorm",),
)
