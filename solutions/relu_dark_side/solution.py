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
    ### BEGIN SOLUTION
    h = X @ W + b
    prob = torch.sigmoid(torch.relu(h) @ wout)
    slope = prob * (1 - prob)
    dead = (h <= 0).all(0)
    dprob_db = (slope[:, None] * wout * (h > 0)).sum(0)
    flat = slope < 0.01
    ### END SOLUTION
    return dead, dprob_db, flat
