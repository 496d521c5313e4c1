# expected: dead=failed:off-for-one-observation; dprob_db=passed; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    dead = torch.zeros(len(b), dtype=torch.bool)
    for row in h:
        dead = dead | (row <= 0)
    return dead, (s[:, None] * wout * (h > 0)).sum(0), s < 0.01
