"""Batched backward pass: fill in batched_backward and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def batched_backward(X: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of loss = ((prob - t) ** 2).sum() for a batch, where prob = sigmoid(relu(X @ W) @ wout).

    Args:
        X: observations in rows, shape (N, D)
        t: targets, shape (N,)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dloss_dW, shape (D, H)
        dloss_dwout, shape (H,)
    """
    dloss_dW = dloss_dwout = None
    # YOUR CODE HERE
    return dloss_dW, dloss_dwout
