# expected: out=passed; dx=failed
import numpy as np


def relu_forward(x):
    relu_forward.mask = x > 0
    return np.maximum(0, x), None


def relu_backward(dout, cache):
    return dout * relu_forward.mask
