import numpy as np


def word_embedding_forward(x, W):
    out = np.zeros((*x.shape, W.shape[1]))
    for n, t in np.ndindex(*x.shape):
        out[n, t] = W[x[n, t]]
    return out, (x, W)


def word_embedding_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    for n, t in np.ndindex(*x.shape):
        dW[x[n, t]] += dout[n, t]
    return dW
