# expected: dead=failed:negative-bias-means-dead; dprob_db=passed; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return b < 0, ((h > 0) * wout).T @ s, s < 0.01
