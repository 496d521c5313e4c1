# expected: df_dW=failed:out-for-probability; df_dv=failed:out-for-probability
import torch


def probability_gradient(x, W, v):
    h = x @ W
    out = h @ v
    return out * (1 - out) * torch.outer(x, v), out * (1 - out) * h
