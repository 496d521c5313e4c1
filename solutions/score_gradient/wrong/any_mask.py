# expected: dscore_dW=failed:mask-of-any-observation; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    hact = torch.relu(X @ W)
    active = hact.sum(0) > 0
    dW = torch.zeros_like(W)
    for x in X:
        dW += torch.outer(x, wout * active)
    return dW, hact.sum(0)
