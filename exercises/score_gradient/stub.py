"""The score's gradient for a batch: fill in score_gradient and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def score_gradient(X: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of score.sum() for a batch, where score = relu(X @ W) @ wout.

    Args:
        X: observations in rows, shape (N, D)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dscore_dW, shape (D, H)
        dscore_dwout, shape (H,)
    """
    dscore_dW = dscore_dwout = None
    # YOUR CODE HERE
    return dscore_dW, dscore_dwout
