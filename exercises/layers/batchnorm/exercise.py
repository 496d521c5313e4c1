"""Batch normalisation: every feature gets mean 0 and variance 1 over the batch, then a scale and a shift."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Gradient, Uniform, Value

EPS = 1e-5
MOMENTUM = 0.9
"""running = MOMENTUM * running + (1 - MOMENTUM) * sample; torch.nn.BatchNorm1d counts the other way round."""


def normalised(x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    mean = x.mean(dim=0)
    centered = x - mean
    variance = (centered**2).mean(dim=0)
    xhat = centered / torch.sqrt(variance + EPS)
    return gamma * xhat + beta


def batchnorm(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
) -> Float[Tensor, "N D"]:
    return normalised(x, gamma, beta)


def new_mean(x: Float[Tensor, "N D"], running_mean: Float[Tensor, "D"]) -> Float[Tensor, "D"]:
    return MOMENTUM * running_mean + (1 - MOMENTUM) * x.mean(dim=0)


def new_var(x: Float[Tensor, "N D"], running_var: Float[Tensor, "D"]) -> Float[Tensor, "D"]:
    variance = ((x - x.mean(dim=0)) ** 2).mean(dim=0)
    return MOMENTUM * running_var + (1 - MOMENTUM) * variance


def tested(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
) -> Float[Tensor, "N D"]:
    return gamma * (x - running_mean) / torch.sqrt(running_var + EPS) + beta


def use(
    student: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, dout: Any
) -> Iterator[dict[str, Any]]:
    bn_param = {"mode": "train", "eps": 1e-5, "momentum": 0.9}
    bn_param["running_mean"], bn_param["running_var"] = running_mean.copy(), running_var.copy()
    out, cache = student.batchnorm_forward(x, gamma, beta, bn_param)
    yield {"out": out}
    yield {"new_running_mean": bn_param["running_mean"], "new_running_var": bn_param["running_var"]}
    bn_param = {"mode": "test", "eps": 1e-5, "momentum": 0.9}
    bn_param["running_mean"], bn_param["running_var"] = running_mean.copy(), running_var.copy()
    out_in_test, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
    yield {"out_in_test": out_in_test}
    dx, dgamma, dbeta = student.batchnorm_backward(dout, cache)
    yield {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}


exercise = Exercise(
    title="Batch normalisation",
    use=use,
    framework="numpy",
    forward=batchnorm,
    asks={
        "out": Value(points=2),
        "new_running_mean": Value(points=1, of=new_mean),
        "new_running_var": Value(points=1, of=new_var),
        "out_in_test": Value(points=1, of=tested),
        "dx": Gradient("x", upstream="dout", points=6),
        "dgamma": Gradient("gamma", upstream="dout", points=2),
        "dbeta": Gradient("beta", upstream="dout", points=2),
    },
    sizes={"N": (3, 8), "D": (1, 6)},
    inputs={"running_var": Uniform(0.5, 2.0)},
)
