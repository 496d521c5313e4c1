import torch
from torch import Tensor


def single_observation_backprop(x: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """The gradients of loss = ((prob - t) ** 2).sum() for one observation, where prob = sigmoid(relu(x @ W) @ wout).

    Args:
        x: one observation, shape (D,)
        t: its target, shape (1,)
        W: hidden weights, shape (D, H)
        wout: output weights, shape (H,)

    Returns:
        dloss_dwout, shape (H,)
        dloss_dW, shape (D, H)
    """
    dloss_dwout = dloss_dW = None
    ### BEGIN SOLUTION
    h = x @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dloss_dscore = 2 * (prob - t) * prob * (1 - prob)  # shape (1,), because t is
    dloss_dwout = dloss_dscore * hact
    dloss_dh = dloss_dscore * wout * (h > 0)
    dloss_dW = torch.outer(x, dloss_dh)
    ### END SOLUTION
    return dloss_dwout, dloss_dW
