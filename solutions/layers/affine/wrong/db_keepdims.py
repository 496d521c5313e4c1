# expected: out, rows=passed; dx, rows=passed; dw, rows=passed; db, rows=failed; out, images=passed; dx, images=passed; dw, images=passed; db, images=failed
import numpy as np


def affine_forward(x, w, b):
    out, cache = None, None
    out = x.reshape(len(x), -1) @ w + b
    cache = x, w
    return out, cache


def affine_backward(dout, cache):
    dx, dw, db = None, None, None
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.sum(dout, axis=0, keepdims=True)
    return dx, dw, db
