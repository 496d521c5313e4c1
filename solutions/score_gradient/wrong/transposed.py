# expected: dscore_dW=failed:transposed; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    return ((h > 0) * wout).T @ X, torch.relu(h).sum(0)
