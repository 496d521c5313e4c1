# expected: dead=passed; dprob_db=failed:no-sigmoid-derivative; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    db = torch.zeros_like(b)
    for n in range(X.shape[0]):
        db += wout * (h[n] > 0)
    return (h > 0).sum(0) == 0, db, p * (1 - p) < 0.01
