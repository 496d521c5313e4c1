# expected: dead=failed:alive-instead-of-dead; dprob_db=passed; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return (h > 0).any(0), s @ (wout * (h > 0)), s < 0.01
