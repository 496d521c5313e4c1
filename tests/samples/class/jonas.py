import torch


def vector_matrix_derivative(W, x):
    # will do this one tomorrow
    raise NotImplementedError


def batched_backward(X, t, W, wout):
    dloss_dW = dloss_dwout = None
    h = X @ W
    hact = torch.maximum(h, torch.tensor(0.0))
    prob = 1.0 / (1.0 + torch.exp(-(hact @ wout)))
    dloss_dwout = ((2 * (prob - t) * prob * (1 - prob)).reshape(-1, 1) * hact).sum(dim=0)
    # dloss_dW: which axis do I sum over??
    return dloss_dW, dloss_dwout
