"""ReLU's dark side: fill in relu_dark_side and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def relu_dark_side(X: Tensor, W: Tensor, b: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Where prob = sigmoid(relu(X @ W + b) @ wout) has stopped learning.

    Args:
        X: observations in rows, shape (N, D)
        W: hidden weights, shape (D, H)
        b: the hidden units' bias, shape (H,)
        wout: output weights, shape (H,)

    Returns:
        dead, shape (H,), bool: True for a hidden unit that no observation of this batch activates
        dprob_db, shape (H,): the gradient of prob.sum() with respect to b
        flat, shape (N,), bool: True for an observation at which sigmoid's slope is below 0.01
    """
    dead = dprob_db = flat = None
    # YOUR CODE HERE
    return dead, dprob_db, flat
