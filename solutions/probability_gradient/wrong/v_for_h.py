# expected: df_dW=passed; df_dv=failed:v-as-its-own-derivative
import torch


def probability_gradient(x, W, v):
    f = torch.sigmoid(x @ W @ v)
    dout = f * (1 - f)
    return dout * torch.outer(x, v), dout * v
