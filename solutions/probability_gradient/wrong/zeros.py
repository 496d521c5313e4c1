# expected: df_dW=failed; df_dv=failed
import torch


def probability_gradient(x, W, v):
    return torch.zeros_like(W), torch.zeros_like(v)
