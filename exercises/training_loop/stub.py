"""A training loop by hand: fill in training_loop and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def training_loop(
    X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradient descent on loss = ((prob - t) ** 2).sum(), where prob = sigmoid(relu(X @ W) @ wout).

    Args:
        X: observations in rows, shape (N, D)
        t: targets, shape (N,)
        W: the hidden weights to start from, shape (D, H)
        wout: the output weights to start from, shape (H,)
        lr: the learning rate
        steps: how many updates to make, at least 1

    Returns:
        dloss_dW, shape (steps, D, H): the gradient that each step used
        dloss_dwout, shape (steps, H): the gradient that each step used
        loss, shape (): the loss after the last update
    """
    dloss_dW = dloss_dwout = loss = None
    # YOUR CODE HERE
    return dloss_dW, dloss_dwout, loss
