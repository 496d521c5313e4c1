# expected: out=failed:chance-to-drop; again=failed:chance-to-drop; dx=failed:chance-to-drop; seeded=failed:chance-to-drop; seeded_again=failed:chance-to-drop; out_in_test=passed; dx_in_test=passed
import numpy as np


def dropout_forward(x, dropout_param):
    p, mode = 1 - dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out, cache = None, None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
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
