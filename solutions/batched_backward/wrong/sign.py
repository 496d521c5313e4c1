# expected: dloss_dW=failed:sign-flipped; dloss_dwout=failed:sign-flipped
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (t - p) * p * (1 - p)
    return X.T @ (g[:, None] * wout * (h > 0)), a.T @ g
