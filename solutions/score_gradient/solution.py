import torch
from torch import Tensor


def score_gradient(X: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of score.sum() for a batch, where score = relu(X @ W) @ wout.

    Args:
        X: observations in rows, shape (N, D)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dscore_dW, shape (D, H)
        dscore_dwout, shape (H,)
    """
    dscore_dW = dscore_dwout = None
    ### BEGIN SOLUTION
    h = X @ W
    dscore_dh = wout * (h > 0)  # (N, H): one mask per observation
    dscore_dW = X.T @ dscore_dh  # the sum over the batch comes last
    dscore_dwout = torch.relu(h).sum(0)
    ### END SOLUTION
    return dscore_dW, dscore_dwout
