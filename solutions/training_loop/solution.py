import torch
from torch import Tensor


def training_loop(
    X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradient descent on loss = ((prob - t) ** 2).sum(), where prob = sigmoid(relu(X @ W) @ wout).

    Args:
        X: observations in rows, shape (N, D)
        t: targets, shape (N,)
        W: the hidden weights to start from, shape (D, H)
        wout: the output weights to start from, shape (H,)
        lr: the learning rate
        steps: how many updates to make, at least 1

    Returns:
        dloss_dW, shape (steps, D, H): the gradient that each step used
        dloss_dwout, shape (steps, H): the gradient that each step used
        loss, shape (): the loss after the last update
    """
    dloss_dW = dloss_dwout = loss = None
    ### BEGIN SOLUTION
    by_W, by_wout = [], []
    for _ in range(steps):
        h = X @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        dloss_dscore = 2 * (prob - t) * prob * (1 - prob)
        by_wout.append(dloss_dscore @ hact)
        by_W.append(X.T @ (dloss_dscore[:, None] * wout * (h > 0)))
        W = W - lr * by_W[-1]
        wout = wout - lr * by_wout[-1]
    dloss_dW = torch.stack(by_W)
    dloss_dwout = torch.stack(by_wout)
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    ### END SOLUTION
    return dloss_dW, dloss_dwout, loss
