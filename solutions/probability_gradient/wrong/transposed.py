# expected: df_dW=failed:transposed; df_dv=passed
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    return f * (1 - f) * v[:, None] @ x[None, :], f * (1 - f) * h
