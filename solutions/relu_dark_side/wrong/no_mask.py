# expected: dead=passed; dprob_db=failed:no-relu-mask; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return torch.all(h <= 0, dim=0), s.sum() * wout, s < 0.01
