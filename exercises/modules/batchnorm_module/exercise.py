"""A batch normalisation module: an object with a training mode, running statistics and parameters of its own."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Uniform, Value

EPS = 1e-5
MOMENTUM = 0.1
"""running = (1 - MOMENTUM) * running + MOMENTUM * sample, as in torch.nn.BatchNorm1d."""


def variance_of(centered: Tensor) -> Tensor:
    """The variance that the batch is normalised by."""
    return (centered**2).mean(dim=0)


def kept_variance(centered: Tensor) -> Tensor:
    """The variance that enters running_var; torch.nn.BatchNorm1d takes the unbiased one here alone."""
    return variance_of(centered)


def unbiased(centered: Tensor) -> Tensor:
    return (centered**2).sum(dim=0) / (len(centered) - 1)


def batchnorm(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
    x2: Float[Tensor, "N D"],
    dout2: Float[Tensor, "N D"],
) -> Float[Tensor, "N D"]:
    return normalised(x, gamma, beta)


def normalised(x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"]) -> Float[Tensor, "N D"]:
    mean = x.mean(dim=0)
    centered = x - mean
    variance = variance_of(centered)
    xhat = centered / torch.sqrt(variance + EPS)
    return gamma * xhat + beta


def two_calls(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    x2: Float[Tensor, "N D"],
    dout: Float[Tensor, "N D"],
    dout2: Float[Tensor, "N D"],
) -> Float[Tensor, ""]:
    """What two forward and backward calls add up to."""
    return (normalised(x, gamma, beta) * dout + normalised(x2, gamma, beta) * dout2).sum()


def new_mean(x: Float[Tensor, "N D"], running_mean: Float[Tensor, "D"]) -> Float[Tensor, "D"]:
    return (1 - MOMENTUM) * running_mean + MOMENTUM * x.mean(dim=0)


def new_var(x: Float[Tensor, "N D"], running_var: Float[Tensor, "D"]) -> Float[Tensor, "D"]:
    return (1 - MOMENTUM) * running_var + MOMENTUM * kept_variance(x - x.mean(dim=0))


def in_evaluation(
    x: Float[Tensor, "N D"],
    gamma: Float[Tensor, "D"],
    beta: Float[Tensor, "D"],
    running_mean: Float[Tensor, "D"],
    running_var: Float[Tensor, "D"],
) -> Float[Tensor, "N D"]:
    return gamma * (x - running_mean) / torch.sqrt(running_var + EPS) + beta


def use(
    student: Any,
    x: Any,
    gamma: Any,
    beta: Any,
    running_mean: Any,
    running_var: Any,
    x2: Any,
    dout2: Any,
    dout: Any,
) -> Iterator[dict[str, Any]]:
    layer = student.BatchNorm1d(x.shape[1])
    layer.gamma, layer.beta = gamma, beta
    layer.running_mean, layer.running_var = running_mean.clone(), running_var.clone()
    layer.training = False
    layer.forward(x2)
    yield {"out_in_evaluation": layer.forward(x)}
    layer.running_mean, layer.running_var = running_mean.clone(), running_var.clone()
    layer.training = True
    layer.zero_grad()
    out = layer.forward(x)
    yield {"out": out}
    yield {"new_running_mean": None if out is None else layer.running_mean}
    yield {"new_running_var": None if out is None else layer.running_var}
    yield {"dx": layer.backward(dout)}
    yield {"dgamma": layer.dgamma, "dbeta": layer.dbeta}
    layer.forward(x2)
    layer.backward(dout2)
    yield {"dgamma_of_two_calls": layer.dgamma, "dbeta_of_two_calls": layer.dbeta}
    layer.zero_grad()
    layer.forward(x)
    layer.backward(dout)
    yield {"dgamma_after_zero_grad": layer.dgamma}


exercise = Exercise(
    title="A batch normalisation module",
    use=use,
    forward=batchnorm,
    asks={
        "out": Value(points=2),
        "new_running_mean": Value(points=1, of=new_mean),
        "new_running_var": Value(points=1, of=new_var),
        "dx": Gradient("x", upstream="dout", points=6),
        "dgamma": Gradient("gamma", upstream="dout", points=2),
        "dbeta": Gradient("beta", upstream="dout", points=2),
        "dgamma_of_two_calls": Gradient("gamma", of=two_calls, points=1),
        "dbeta_of_two_calls": Gradient("beta", of=two_calls, points=1),
        "dgamma_after_zero_grad": Gradient("gamma", upstream="dout", points=1),
        "out_in_evaluation": Value(points=1, of=in_evaluation),
    },
    sizes={"N": (3, 8), "D": (1, 6)},
    inputs={"running_var": Uniform(0.5, 2.0)},
    requires=("linear_module",),
    conventions=(
        Convention(
            "unbiased-variance",
            {"variance_of": unbiased},
            "Here the variance is divided by one less than the number of entries; this course divides by their number.",
        ),
        Convention(
            "unbiased-running-variance",
            {"kept_variance": unbiased},
            "Here running_var takes in the unbiased variance, as in torch; in this course it is the biased one.",
        ),
        Convention(
            "momentum-of-the-old",
            {"MOMENTUM": 1 - MOMENTUM},
            "Here the share of the new batch is 0.9, as where momentum counts the old; in this course it is 0.1.",
        ),
    ),
)
