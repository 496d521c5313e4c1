# expected: dead=failed:off-on-average; dprob_db=passed; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return torch.mean(h, dim=0) <= 0, s @ (wout * (h > 0)), s < 0.01
