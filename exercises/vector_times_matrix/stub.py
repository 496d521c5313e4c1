"""Back through a vector times a matrix: fill in vector_times_matrix and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def vector_times_matrix(v: Tensor, W: Tensor, dloss_dy: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Back through y = v @ W, from any upstream gradient.

    Args:
        v: a vector, shape (D,)
        W: a matrix, shape (D, H)
        dloss_dy: the gradient of the loss with respect to y, shape (H,)

    Returns:
        dloss_dv, shape (D,)
        dloss_dW, shape (D, H)
    """
    dloss_dv = dloss_dW = None
    # YOUR CODE HERE
    return dloss_dv, dloss_dW
