"""Back through a matrix times a matrix: fill in matrix_times_matrix and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def matrix_times_matrix(X: Tensor, W: Tensor, dloss_dY: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Back through Y = X @ W, from any upstream gradient.

    Args:
        X: observations in rows, shape (N, D)
        W: weights, shape (D, H)
        dloss_dY: the gradient of the loss with respect to Y, shape (N, H)

    Returns:
        dloss_dX, shape (N, D)
        dloss_dW, shape (D, H)
    """
    dloss_dX = dloss_dW = None
    # YOUR CODE HERE
    return dloss_dX, dloss_dW
