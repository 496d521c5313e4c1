import torch
from torch import Tensor


def batched_backward(X: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of loss = ((prob - t) ** 2).sum() for a batch, where prob = sigmoid(relu(X @ W) @ wout).

    Args:
        X: observations in rows, shape (N, D)
        t: targets, shape (N,)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dloss_dW, shape (D, H)
        dloss_dwout, shape (H,)
    """
    dloss_dW = dloss_dwout = None
    ### BEGIN SOLUTION
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dloss_dscore = 2 * (prob - t) * prob * (1 - prob)
    dloss_dwout = dloss_dscore @ hact
    dloss_dh = dloss_dscore[:, None] * wout * (h > 0)
    dloss_dW = X.T @ dloss_dh
    ### END SOLUTION
    return dloss_dW, dloss_dwout
