"""Back through a number times a vector: fill in scalar_times_vector and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def scalar_times_vector(c: Tensor, v: Tensor, dloss_dy: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Back through y = c * v, from any upstream gradient.

    Args:
        c: a number, shape ()
        v: a vector, shape (D,)
        dloss_dy: the gradient of the loss with respect to y, shape (D,)

    Returns:
        dloss_dc, shape ()
        dloss_dv, shape (D,)
    """
    dloss_dc = dloss_dv = None
    # YOUR CODE HERE
    return dloss_dc, dloss_dv
