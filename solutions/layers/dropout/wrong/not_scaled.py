# expected: out=failed:scaled-in-test; again=failed:scaled-in-test; dx=failed:scaled-in-test; seeded=failed:scaled-in-test; seeded_again=failed:scaled-in-test; out_in_test=passed; dx_in_test=passed
import numpy as np


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out, cache = None, None
    if mode == "train":
        mask = np.random.rand(*x.shape) < p
        out = x * mask
    else:
        mask = None
        out = x
    cache = mask
    return out, cache


def dropout_backward(dout, cache):
    dx = None
    mask = cache
    dx = dout if mask is None else dout * mask
    return dx
