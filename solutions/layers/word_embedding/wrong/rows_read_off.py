# expected: out=passed; dW=failed
import numpy as np


def word_embedding_forward(x, W):
    out, cache = None, None
    out = W[x]
    cache = x, (x.max() + 1, W.shape[1])
    return out, cache


def word_embedding_backward(dout, cache):
    dW = None
    x, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, x, dout)
    return dW
