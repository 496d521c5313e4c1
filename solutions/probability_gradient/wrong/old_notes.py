# expected: df_dW=failed:sigmoid-of-one-minus-out; df_dv=failed:sigmoid-of-one-minus-out
import torch
from torch import sigmoid


def probability_gradient(x, W, v):
    h = x @ W
    out = h @ v
    dprob_dout = sigmoid(out) * sigmoid(1 - out)
    df_dv = dprob_dout * h
    df_dW = dprob_dout * (x.reshape(-1, 1) @ v.reshape(1, -1))
    return df_dW, df_dv
