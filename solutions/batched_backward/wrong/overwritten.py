# expected: dloss_dW=failed:last-observation-only; dloss_dwout=failed:last-observation-only
import torch


def batched_backward(X, t, W, wout):
    for x, target in zip(X, t):
        h = x @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        g = 2 * (prob - target) * prob * (1 - prob)
        dloss_dwout = g * hact
        dloss_dW = torch.outer(x, g * wout * (h > 0))
    return dloss_dW, dloss_dwout
