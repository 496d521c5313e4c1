# expected: dscore_dW=errored:batch-summed-first; dscore_dwout=errored
import torch
from torch.nn.functional import relu


def score_gradient(X, W, wout):
    D, n_hidden = W.shape
    H = X @ W
    dH_dW = torch.sum(X.T, dim=1).repeat(n_hidden, 1).T
    Hact = relu(H)
    dHact_dH = (H > 0).to(torch.float32)
    dscore_dHact = wout.repeat(1, D).reshape((D, n_hidden))
    dscore_dW = dH_dW * dHact_dH * dscore_dHact
    return dscore_dW, Hact.sum(0)
