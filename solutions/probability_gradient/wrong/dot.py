# expected: df_dW=failed:dot-product-instead-of-outer; df_dv=passed
import torch


def probability_gradient(x, W, v):
    h = x @ W
    f = torch.sigmoid(h @ v)
    slope = f * (1 - f)
    df_dW = torch.ones_like(W) * (slope * v).sum() * x.sum()
    return df_dW, slope * h
