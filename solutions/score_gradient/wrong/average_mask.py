# expected: dscore_dW=failed:mask-averaged-first; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    h = X @ W
    rate = (h > 0).float().mean(dim=0)
    return X.sum(0).unsqueeze(1) @ (wout * rate).unsqueeze(0), torch.relu(h).sum(0)
