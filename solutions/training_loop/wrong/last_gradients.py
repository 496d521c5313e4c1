# expected: dloss_dW=failed:last-step-only; dloss_dwout=failed:last-step-only; loss=passed
import torch


def training_loop(X, t, W, wout, lr, steps):
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dloss_dW = X.T @ (g[:, None] * wout * (h > 0))
        dloss_dwout = g @ hact
        W = W - lr * dloss_dW
        wout = wout - lr * dloss_dwout
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return dloss_dW, dloss_dwout, loss
