# expected: dloss_dW=failed:transposed; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return (g[:, None] * wout * (h > 0)).T @ X, a.T @ g
