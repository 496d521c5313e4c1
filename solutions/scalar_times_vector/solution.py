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
    ### BEGIN SOLUTION
    dloss_dc = torch.dot(v, dloss_dy)
    dloss_dv = c * dloss_dy
    ### END SOLUTION
    return dloss_dc, dloss_dv
