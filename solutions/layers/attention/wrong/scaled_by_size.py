# expected: out=failed; dq=failed; dk=failed; dv=failed
import numpy as np


def attention_forward(q, k, v):
    out, cache = None, None
    scores = q @ k.transpose(0, 2, 1) / q.shape[-1]
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out = weights @ v
    cache = q, k, v, weights
    return out, cache


def attention_backward(dout, cache):
    dq, dk, dv = None, None, None
    q, k, v, weights = cache
    dv = weights.transpose(0, 2, 1) @ dout
    dweights = dout @ v.transpose(0, 2, 1)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dscores /= np.sqrt(q.shape[-1])
    dq, dk = dscores @ k, dscores.transpose(0, 2, 1) @ q
    return dq, dk, dv
