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
    ### BEGIN SOLUTION
    H = W.shape[1]
    dh_dW = torch.zeros(H, *W.shape)
    for i in range(H):
        dh_dW[i, :, i] = x
    J = dh_dW.sum(0)
    dloss_dW = torch.einsum("i,idk->dk", dloss_dh, dh_dW)
    ### END SOLUTION
    return dh_dW, J, dloss_dW
