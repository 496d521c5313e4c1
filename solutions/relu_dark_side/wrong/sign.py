# expected: dead=passed; dprob_db=failed:sign-flipped; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return (h <= 0).all(dim=0), -((s[:, None] * wout * (h > 0)).sum(0)), s < 0.01
