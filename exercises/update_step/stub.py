"""The update step: fill in update_step and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def update_step(x: Tensor, W: Tensor, v: Tensor, lr: float) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradient descent on the total score x @ W @ v: in many small steps and in one.

    Args:
        x: one observation, shape (D,), or a batch of them, shape (N, D)
        W: hidden weights, shape (D, H)
        v: output weights, shape (H,)
        lr: the learning rate

    Returns:
        W_path: W after each small step; shape (H, D, H) for one observation (one step per hidden unit),
            shape (N, D, H) for a batch (one step per observation)
        W_new, shape (D, H): W after one step with the sum of those gradients
        v_new, shape (H,): v after the same step; both gradients are taken at the old W and v
    """
    W_path = W_new = v_new = None
    # YOUR CODE HERE
    return W_path, W_new, v_new
