# expected: df_dW=failed:reshaped-instead-of-transposed; df_dv=passed
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    slope = f * (1 - f)
    return (slope * torch.outer(v, x)).reshape(W.shape), slope * h
