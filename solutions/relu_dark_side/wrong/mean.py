# expected: dead=passed; dprob_db=failed:mean-instead-of-sum; flat=passed
import torch


def relu_dark_side(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(torch.relu(h) @ wout)
    s = p * (1 - p)
    return ~(h > 0).any(0), torch.mean(s.unsqueeze(1) * wout * (h > 0), dim=0), s < 0.01
