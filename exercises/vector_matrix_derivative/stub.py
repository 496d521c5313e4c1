"""Vector-matrix derivative: fill in vector_matrix_derivative and hand in this file."""

import torch
from torch import Tensor


def vector_matrix_derivative(W: Tensor, x: Tensor) -> Tensor | None:
    """The derivative dy/dW of y = x @ W, in W's shape.

    Args:
        W: weights, shape (D, H)
        x: one observation, shape (D,), or a batch of them, shape (N, D)

    Returns:
        dy_dW, shape (D, H): the Jacobians of all entries of y, added up
    """
    dy_dW = None
    # YOUR CODE HERE
    return dy_dW
