# expected: out, rows=failed; dx, rows=passed; dw, rows=passed; db, rows=passed; out, images=failed; dx, images=passed; dw, images=passed; db, images=passed
import numpy as np


def affine_forward(x, w, b):
    out, cache = None, None
    out = x.reshape(len(x), -1) @ w
    cache = x, w
    return out, cache


def affine_backward(dout, cache):
    dx, dw, db = None, None, None
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
