# expected: dscore_dW=failed:last-observation-only; dscore_dwout=failed:last-observation-only
import torch


def score_gradient(X, W, wout):
    for x in X:
        h = x @ W
        dW = torch.outer(x, wout * (h > 0))
        dwout = torch.relu(h)
    return dW, dwout
