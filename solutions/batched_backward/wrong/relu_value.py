# expected: dloss_dW=failed:relu-instead-of-slope; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (torch.outer(g, wout) * hact), hact.T @ g
