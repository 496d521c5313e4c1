# expected: df_dW=failed:no-sigmoid-derivative; df_dv=failed:no-sigmoid-derivative
import torch


def probability_gradient(x, W, v):
    D, H = W.shape
    dW = torch.empty(D, H)
    for d in range(D):
        for k in range(H):
            dW[d, k] = x[d] * v[k]
    return dW, x @ W
