# expected: df_dW=failed:sign-flipped; df_dv=failed:sign-flipped
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    slope = f * (f - 1)
    return slope * torch.outer(x, v), slope * h
