# expected: out=passed; again=passed; dx=failed; seeded=passed; seeded_again=passed; out_in_test=passed; dx_in_test=passed
import numpy as np


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out, cache = None, None
    if mode == "train":
        dropout_forward.mask = (np.random.rand(*x.shape) < p) / p
        out = x * dropout_forward.mask
    else:
        dropout_forward.mask = None
        out = x
    return out, cache


def dropout_backward(dout, cache):
    dx = None
    mask = dropout_forward.mask
    dx = dout if mask is None else dout * mask
    return dx
