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
    ### BEGIN SOLUTION
    h = x @ W
    if x.ndim == 1:
        gradients = torch.diag(v)[:, None, :] * x[:, None]  # piece i: x times v[i] in column i
        dscore_dv = h
    else:
        gradients = x[:, :, None] * v  # piece n: the outer product of x[n] and v
        dscore_dv = h.sum(0)
    W_path = W - lr * gradients.cumsum(0)
    W_new = W - lr * gradients.sum(0)
    v_new = v - lr * dscore_dv
    ### END SOLUTION
    return W_path, W_new, v_new
