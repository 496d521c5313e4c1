# expected: dscore_dW=failed:sign-flipped; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    return -(X.T @ (wout * (h > 0))), torch.relu(h).sum(0)
