# expected: dead=passed; dprob_db=failed:not-summed-over-the-batch; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return ~(h > 0).any(0), s.unsqueeze(1) * wout * (h > 0), s < 0.01
