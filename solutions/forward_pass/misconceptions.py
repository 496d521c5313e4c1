"""What students get wrong about the forward pass of the two-layer network."""

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception


def cross_entropy(prob: Tensor, t: Tensor) -> Tensor:
    return -(t * torch.log(prob) + (1 - t) * torch.log(1 - prob)).sum()


chain = Chain(
    links={
        "h": lambda x, W: x @ W,
        "hact": lambda h: torch.relu(h),
        "score": lambda hact, wout: hact @ wout,
        "prob": lambda score: torch.sigmoid(score),
        "loss": lambda prob, t: ((prob - t) ** 2).sum(),
    },
    misconceptions=(
        Misconception(
            "relu-on-the-input",
            {"h": lambda x, W: torch.relu(x) @ W},
            "ReLU comes after the weights: negative inputs do reach the hidden layer.",
        ),
        Misconception(
            "normalised-hidden-layer",
            {"h": lambda x, W: x @ W / W.shape[0]},
            "h is a plain product: nothing is divided by the number of inputs.",
        ),
        Misconception(
            "relu-skipped",
            {"hact": lambda h: h},
            "What does ReLU do with a negative hidden value?",
        ),
        Misconception(
            "absolute-instead-of-relu",
            {"hact": lambda h: h.abs()},
            "ReLU switches a negative value off; it does not flip its sign.",
        ),
        Misconception(
            "mask-instead-of-relu",
            {"hact": lambda h: (h > 0).to(h.dtype)},
            "That is ReLU's slope. Its value for a positive h is not 1 but h itself.",
        ),
        Misconception(
            "leaky-relu",
            {"hact": lambda h, constant: torch.where(h > 0, h, constant * h)},
            "Plain ReLU lets nothing of a negative value through.",
            constant=0.01,
        ),
        Misconception(
            "score-from-h",
            {"score": lambda h, wout: h @ wout},
            "The output layer sees the hidden layer after ReLU.",
        ),
        Misconception(
            "products-not-summed",
            {"score": lambda hact, wout: hact * wout},
            "These are the hidden units' shares; the score of an observation is their sum.",
        ),
        Misconception(
            "score-as-column",
            {
                "score": lambda hact, wout: (hact @ wout)[..., None],
                "prob": lambda hact, wout: torch.sigmoid(hact @ wout),
            },
            "The values are right; there is one score per observation, without an axis of its own for the output.",
        ),
        Misconception(
            "sigmoid-of-minus-score",
            {"prob": lambda score: torch.sigmoid(-score)},
            "A large score must give a probability near 1: look at the sign in the exponent.",
        ),
        Misconception(
            "sigmoid-twice",
            {"prob": lambda score: torch.sigmoid(torch.sigmoid(score))},
            "One sigmoid is enough: a very negative score must give a probability near 0.",
        ),
        Misconception(
            "tanh-instead-of-sigmoid",
            {"prob": lambda score: torch.tanh(score)},
            "A probability lies between 0 and 1: what is the range of the function you chose?",
        ),
        Misconception(
            "unstable-sigmoid",  # 71
            {"prob": lambda score: torch.exp(score) / (1 + torch.exp(score))},
            "This way to write sigmoid overflows for a large score; torch.sigmoid does not.",
            advice=True,
        ),
        Misconception(
            "batch-mean-loss",
            {"loss": lambda prob, t: ((prob - t) ** 2).mean()},
            "The loss of a batch is the sum over its observations here, not their average.",
        ),
        Misconception(
            "loss-per-observation",
            {"loss": lambda prob, t: (prob - t) ** 2},
            "These are the losses of the single observations; the loss of the batch is one number.",
        ),
        Misconception(
            "absolute-error",
            {"loss": lambda prob, t: (prob - t).abs().sum()},
            "The error is squared, so a big miss counts far more than a small one.",
        ),
        Misconception(
            "error-not-squared",
            {"loss": lambda prob, t: (prob - t).sum()},
            "Errors of both signs cancel like this: what makes every one of them count?",
        ),
        Misconception(
            "squared-after-the-sum",
            {"loss": lambda prob, t: (prob - t).sum() ** 2},
            "Square first, then add: the square of a sum lets errors of both signs cancel.",
        ),
        Misconception(
            "half-squared-error",
            {"loss": lambda prob, t: ((prob - t) ** 2).sum() / 2},
            "Some books put one half before the square; this loss does without it.",
        ),
        Misconception(
            "cross-entropy-loss",
            {"loss": cross_entropy},
            "That is the cross-entropy; this network is trained with the squared error.",
        ),
        Misconception(
            "column-targets",  # 52
            {"loss": lambda prob, t: ((prob.reshape(-1) - t.reshape(-1, 1)) ** 2).sum()},
            "(N,) against (N, 1) broadcasts: every probability is compared with every target.",
        ),
    ),
)
