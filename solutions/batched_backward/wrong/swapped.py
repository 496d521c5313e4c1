# expected: dloss_dW=failed:results-swapped; dloss_dwout=failed:results-swapped
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return g @ hact, X.T @ (g[:, None] * wout * (h > 0))
