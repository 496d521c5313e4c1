# expected: dscore_dW=failed:first-observation's-mask; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    mask = (h[0] > 0).float()
    return X.sum(0)[:, None] * (wout * mask)[None, :], torch.relu(h).sum(0)
