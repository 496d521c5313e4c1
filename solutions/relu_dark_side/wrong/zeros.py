# expected: dead=failed; dprob_db=failed; flat=failed
import torch


def relu_dark_side(X, W, b, wout):
    return torch.zeros(len(b), dtype=torch.bool), torch.zeros_like(b), torch.zeros(len(X), dtype=torch.bool)
