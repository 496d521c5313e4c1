"""The forward pass: fill in forward_pass and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def forward_pass(
    x: Tensor, t: Tensor, W: Tensor, wout: Tensor
) -> tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None, Tensor | None]:
    """Everything that the two-layer network computes on its way to the loss.

    Args:
        x: one observation, shape (D,), or a batch of them, shape (N, D)
        t: its target, shape (), or one target per observation, shape (N,)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns (shape for one observation / for a batch):
        h = x @ W, shape (H,) / (N, H)
        hact = relu(h), shape (H,) / (N, H)
        score = hact @ wout, shape () / (N,)
        prob = sigmoid(score), shape () / (N,)
        loss, shape () in both cases: the squared errors (prob - t) ** 2, summed
    """
    h = hact = score = prob = loss = None
    # YOUR CODE HERE
    return h, hact, score, prob, loss
