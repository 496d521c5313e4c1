# expected: dead=passed; dprob_db=passed; flat=failed:flat-on-one-side
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    db = (p * (1 - p)) @ (wout * (h > 0))
    return (h <= 0).all(0), db, p < 0.01
