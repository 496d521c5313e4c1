# expected: dloss_dW=passed; dloss_dwout=failed:not-summed-over-the-batch
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    dloss_dwout = (g * hact.T).T
    return X.T @ (g[:, None] * wout * (h > 0)), dloss_dwout
