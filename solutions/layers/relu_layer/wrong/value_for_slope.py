# expected: out=passed; dx=failed
import numpy as np


def relu_forward(x):
    out, cache = None, None
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    dx = None
    x = cache
    dx = dout * np.maximum(0, x)
    return dx
