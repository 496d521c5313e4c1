# expected: dscore_dW=failed:no-relu-mask; dscore_dwout=passed
import torch


def score_gradient(X, W, wout):
    hact = torch.relu(X @ W)
    return torch.outer(X.sum(0), wout), hact.sum(dim=0)
