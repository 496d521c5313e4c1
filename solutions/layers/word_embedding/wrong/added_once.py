# expected: out=passed; dW=failed
import numpy as np


def word_embedding_forward(x, W):
    out, cache = None, None
    out = W[x]
    cache = x, W.shape
    return out, cache


def word_embedding_backward(dout, cache):
    dW = None
    x, shape = cache
    dW = np.zeros(shape)
    dW[x] += dout
    return dW
