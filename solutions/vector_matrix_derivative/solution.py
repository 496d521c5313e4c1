import torch
from torch import Tensor


def vector_matrix_derivative(W: Tensor, x: Tensor) -> Tensor:
    """The derivative dy/dW of y = x @ W, in W's shape.

    Args:
        W: weights, shape (D, H)
        x: one observation, shape (D,), or a batch of them, shape (N, D)

    Returns:
        shape (D, H): the sum of the Jacobians of y's entries
    """
    ### BEGIN SOLUTION
    if x.ndim not in (1, 2):
        raise ValueError(f"x must have shape (D,) or (N, D), not {tuple(x.shape)}")
    rows = x.reshape(-1, x.shape[-1])
    return rows.sum(0).reshape(-1, 1).repeat(1, W.shape[1])
    ### END SOLUTION
