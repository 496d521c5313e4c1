# expected: df_dW=failed:relu-where-there-is-none; df_dv=passed
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    dout = f * (1 - f)
    dh = dout * v
    dh[h < 0] = 0
    return torch.outer(x, dh), dout * h
