"""The full Jacobian and its compact form: fill in full_jacobian and hand in this file. An output that is not done yet stays None."""

import torch
from torch import Tensor


def full_jacobian(x: Tensor, W: Tensor, dloss_dh: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """The Jacobian of h = x @ W by W: in full, in its compact form, and times an upstream gradient.

    Args:
        x: one observation, shape (D,)
        W: weights, shape (D, H)
        dloss_dh: the gradient of some loss with respect to h, shape (H,)

    Returns:
        dh_dW, shape (H, D, H): dh_dW[i] is the derivative of h[i] by W
        J, shape (D, H): the compact form, J[d, i] is the derivative of h[i] by W[d, i]
        dloss_dW, shape (D, H): the slices of dh_dW, each times its entry of dloss_dh, added up
    """
    dh_dW = J = dloss_dW = None
    # YOUR CODE HERE
    return dh_dW, J, dloss_dW
