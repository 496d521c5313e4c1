"""Forward passes that nobody wrote misconceptions for, as an author of a course would write them."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from grader.exercise import Exercise, Gradient, Integers


def layer_norm(
    x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"], upstream: Float[Tensor, "N D"]
) -> Float[Tensor, ""]:
    mean = x.mean(1, keepdim=True)
    centred = x - mean
    var = (centred**2).mean(1, keepdim=True)
    std = torch.sqrt(var + 1e-5)
    xhat = centred / std
    y = xhat * gamma + beta
    return (y * upstream).sum()


def batch_norm(
    x: Float[Tensor, "N D"], gamma: Float[Tensor, "D"], beta: Float[Tensor, "D"], upstream: Float[Tensor, "N D"]
) -> Float[Tensor, ""]:
    mean = x.mean(0)
    var = ((x - mean) ** 2).mean(0)
    inverse = torch.rsqrt(var + 1e-5)
    xhat = (x - mean) * inverse
    y = xhat * gamma + beta
    return (y * upstream).sum()


def attention(
    Q: Float[Tensor, "N D"], K: Float[Tensor, "M D"], V: Float[Tensor, "M H"], upstream: Float[Tensor, "N H"]
) -> Float[Tensor, ""]:
    scores = Q @ K.T / Q.shape[1] ** 0.5
    weights = torch.softmax(scores, 1)
    out = weights @ V
    return (out * upstream).sum()


def lstm_step(
    x: Float[Tensor, "D"],
    h: Float[Tensor, "H"],
    c: Float[Tensor, "H"],
    Wi: Float[Tensor, "D H"],
    Wf: Float[Tensor, "D H"],
    Wg: Float[Tensor, "D H"],
    Wo: Float[Tensor, "D H"],
    upstream: Float[Tensor, "H"],
) -> Float[Tensor, ""]:
    i = torch.sigmoid(x @ Wi + h)
    f = torch.sigmoid(x @ Wf + h)
    g = torch.tanh(x @ Wg + h)
    o = torch.sigmoid(x @ Wo + h)
    c_next = f * c + i * g
    h_next = o * torch.tanh(c_next)
    return (h_next * upstream).sum()


def softmax_cross_entropy(
    X: Float[Tensor, "N D"], W: Float[Tensor, "D C"], labels: Int[Tensor, "N"]
) -> Float[Tensor, ""]:
    logits = X @ W
    log_probs = logits - torch.logsumexp(logits, 1, keepdim=True)
    chosen = log_probs[torch.arange(len(labels)), labels]
    return -chosen.mean()


def convolution(
    x: Float[Tensor, "N L"], w: Float[Tensor, "3"], b: Float[Tensor, "1"], upstream: Float[Tensor, "N L"]
) -> Float[Tensor, ""]:
    z = functional.conv1d(x[:, None], w[None, None], b, padding=1)[:, 0]
    y = torch.relu(z)
    return (y * upstream).sum()


SIZES = {"N": (2, 6), "D": (2, 6), "M": (1, 6), "H": (1, 5), "C": (2, 5), "L": (4, 9)}
NORMALISED = {"dx": Gradient(wrt="x"), "dgamma": Gradient(wrt="gamma"), "dbeta": Gradient(wrt="beta")}
EXERCISES = {
    name: Exercise(entry_point=name, forward=forward, asks=asks, sizes=SIZES, inputs=inputs)
    for name, forward, asks, inputs in (
        ("layer_norm", layer_norm, NORMALISED, {}),
        ("batch_norm", batch_norm, NORMALISED, {}),
        ("attention", attention, {"dQ": Gradient(wrt="Q"), "dK": Gradient(wrt="K"), "dV": Gradient(wrt="V")}, {}),
        (
            "lstm_step",
            lstm_step,
            {"dWi": Gradient(wrt="Wi"), "dWf": Gradient(wrt="Wf"), "dWg": Gradient(wrt="Wg"), "dc": Gradient(wrt="c")},
            {},
        ),
        ("softmax_cross_entropy", softmax_cross_entropy, {"dW": Gradient(wrt="W")}, {"labels": Integers(0, "C")}),
        (
            "convolution",
            convolution,
            {"dx": Gradient(wrt="x"), "dw": Gradient(wrt="w"), "db": Gradient(wrt="b")},
            {},
        ),
    )
}
