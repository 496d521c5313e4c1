"""Batch normalisation: every feature gets mean 0 and variance 1 over the batch, then a scale and a shift."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Uniform, Value


def variance_of(centered: Tensor) -> Tensor:
    return (centered**2).mean(dim=0)


def deviation(variance: Tensor, eps: float) -> Tensor:
    return torch.sqrt(variance + eps)


def mixed(running: Tensor, sample: Tensor, momentum: float) -> Tensor:
    return momentum * running + (1 - momentum) * sample


def batchnorm(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
    eps: float,
    momentum: float,
) -> Float[Tensor, "N D"]:
    mean = x.mean(dim=0)
    centered = x - mean
    variance = variance_of(centered)
    xhat = centered / deviation(variance, eps)
    return gamma * xhat + beta


def new_mean(x: Float[Tensor, "N D"], running_mean: Float[Tensor, "D"], momentum: float) -> Float[Tensor, "D"]:
    return mixed(running_mean, x.mean(dim=0), momentum)


def new_var(x: Float[Tensor, "N D"], running_var: Float[Tensor, "D"], momentum: float) -> Float[Tensor, "D"]:
    return mixed(running_var, variance_of(x - x.mean(dim=0)), momentum)


def tested(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
    eps: float,
) -> Float[Tensor, "N D"]:
    return gamma * (x - running_mean) / deviation(running_var, eps) + beta


def use(
    student: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any, eps: Any, momentum: Any, dout: Any
) -> Iterator[dict[str, Any]]:
    bn_param = {"mode": "train", "eps": eps, "momentum": momentum}
    bn_param["running_mean"], bn_param["running_var"] = running_mean.copy(), running_var.copy()
    out, cache = student.batchnorm_forward(x, gamma, beta, bn_param)
    yield {"out": out}
    yield {"new_running_mean": bn_param["running_mean"], "new_running_var": bn_param["running_var"]}
    bn_param = {"mode": "test", "eps": eps, "momentum": momentum}
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
    inputs={"running_var": Uniform(0.5, 2.0), "eps": Uniform(2e-3, 1e-2), "momentum": Uniform(0.6, 0.95)},
    conventions=(
        Convention(
            "unbiased-variance",
            {"variance_of": lambda centered: (centered**2).sum(dim=0) / (len(centered) - 1)},
            "Here the variance is divided by one less than the number of entries; this course divides by their number.",
        ),
        Convention(
            "epsilon-outside-of-the-root",
            {"deviation": lambda variance, eps: torch.sqrt(variance) + eps},
            "Here eps is added outside of the root; in this course it is added to the variance, inside.",
        ),
        Convention(
            "momentum-of-the-new",
            {"mixed": lambda running, sample, momentum: (1 - momentum) * running + momentum * sample},
            "Here momentum is the share of the new batch, as in torch; in this course it is the share that is kept.",
        ),
    ),
)
