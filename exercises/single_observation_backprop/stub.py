"""Backprop of one observation: fill in single_observation_backprop and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def single_observation_backprop(x: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of loss = ((prob - t) ** 2).sum() for one observation, where prob = sigmoid(relu(x @ W) @ wout).

    Args:
        x: one observation, shape (D,)
        t: its target, shape (1,)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dloss_dwout, shape (H,)
        dloss_dW, shape (D, H)
    """
    dloss_dwout = dloss_dW = None
    # YOUR CODE HERE
    return dloss_dwout, dloss_dW
