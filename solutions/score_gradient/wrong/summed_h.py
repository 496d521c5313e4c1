# expected: dscore_dW=failed:mask-of-the-summed-batch; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    mask = torch.sum(h, dim=0) > 0
    return torch.outer(X.sum(0), wout * mask), torch.clamp(h, min=0).sum(0)
