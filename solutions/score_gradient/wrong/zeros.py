# expected: dscore_dW=failed; dscore_dwout=failed
import torch


def score_gradient(X, W, wout):
    return torch.zeros_like(W), torch.zeros_like(wout)
