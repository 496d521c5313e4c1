"""A network of two affine layers as a class: its parameters in a dict, the loss and all gradients from one method."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from grader.convention import Convention
from grader.exercise import Exercise, Gradient, Integers, Uniform, Value

PENALTY = 0.5
"""The penalty is PENALTY * reg * (sum(W1**2) + sum(W2**2)); softmax_loss_vectorized takes no half."""
AVERAGE = torch.mean
"""What makes one loss of those of a batch; other courses add them up, torch.sum."""


def scores(
    X: Float[Tensor, "N D"],
    W1: Float[Tensor, "D H"],
    b1: Float[Tensor, "H"],
    W2: Float[Tensor, "H C"],
    b2: Float[Tensor, "C"],
) -> Float[Tensor, "N C"]:
    h = X @ W1 + b1
    hact = torch.relu(h)
    return hact @ W2 + b2


def loss(
    X: Float[Tensor, "N D"],
    y: Int[Tensor, "N"],
    W1: Float[Tensor, "D H"],
    b1: Float[Tensor, "H"],
    W2: Float[Tensor, "H C"],
    b2: Float[Tensor, "C"],
    reg: float,
) -> Float[Tensor, ""]:
    logprobs = torch.log_softmax(scores(X, W1, b1, W2, b2), dim=1)
    data_loss = -AVERAGE(logprobs[torch.arange(len(y)), y])
    return data_loss + PENALTY * reg * ((W1**2).sum() + (W2**2).sum())


def use(student: Any, X: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, reg: Any) -> Iterator[dict[str, Any]]:
    net = student.TwoLayerNet(input_dim=len(W1), hidden_dim=len(b1), num_classes=len(b2), weight_scale=1e-3, reg=reg)
    net.params["W1"], net.params["b1"] = W1, b1
    net.params["W2"], net.params["b2"] = W2, b2
    yield {"scores": net.loss(X)}
    net.loss(X, y)
    loss, grads = net.loss(X, y)
    yield {"loss": loss}
    yield {"dW1": grads["W1"], "db1": grads["b1"], "dW2": grads["W2"], "db2": grads["b2"]}


exercise = Exercise(
    title="A two-layer network as a class",
    use=use,
    framework="numpy",
    forward=loss,
    asks={
        "scores": Value(points=2, of=scores),
        "loss": Value(points=2),
        "dW1": Gradient("W1", points=3),
        "db1": Gradient("b1", points=2),
        "dW2": Gradient("W2", points=3),
        "db2": Gradient("b2", points=2),
    },
    sizes={"N": (1, 6), "D": (1, 5), "H": (1, 6), "C": (2, 5)},
    inputs={"y": Integers(0, "C"), "reg": Uniform(0.1, 1.0)},
    requires=("affine", "relu_layer", "softmax_loss"),
    conventions=(
        Convention(
            "penalty-without-a-half",
            {"PENALTY": 1.0},
            "Here the penalty has no factor 1/2, as in softmax_loss_vectorized; in this class it has one.",
        ),
        Convention(
            "sum-instead-of-mean",
            {"AVERAGE": torch.sum},
            "Here the losses of the batch are added up, as some courses do; this course takes their mean.",
        ),
    ),
)
