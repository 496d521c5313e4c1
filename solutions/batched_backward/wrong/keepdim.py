# expected: dloss_dW=passed; dloss_dwout=failed:wout-as-row
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = (2 * (p - t) * p * (1 - p))[:, None]
    return X.T @ (g * wout * (h > 0)), torch.sum(g * hact, dim=0, keepdim=True)
