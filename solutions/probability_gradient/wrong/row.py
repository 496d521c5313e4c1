# expected: df_dW=failed:one-row; df_dv=passed
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    slope = f * (1 - f)
    df_dW = (x[:, None] * v * slope).sum(0)
    return df_dW, slope * h
