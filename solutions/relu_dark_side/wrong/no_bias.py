# expected: dead=failed:bias-forgotten; dprob_db=failed:bias-forgotten; flat=failed:bias-forgotten
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return (h <= 0).all(0), s @ (wout * (h > 0)), s < 0.01
