# expected: dscore_dW=failed:mask-summed-first; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    how_often = (h > 0).sum(dim=0)
    return torch.outer(X.sum(0), wout * how_often), torch.relu(h).sum(0)
