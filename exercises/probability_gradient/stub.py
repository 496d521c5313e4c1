"""The gradient of the probability: fill in probability_gradient and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def probability_gradient(x: Tensor, W: Tensor, v: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of the probability f = sigmoid(x @ W @ v).

    Args:
        x: one observation, shape (D,)
        W: hidden weights, shape (D, H)
        v: output weights, shape (H,)

    Returns:
        df_dW, shape (D, H)
        df_dv, shape (H,)
    """
    df_dW = df_dv = None
    # YOUR CODE HERE
    return df_dW, df_dv
