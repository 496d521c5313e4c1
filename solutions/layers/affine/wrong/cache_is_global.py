# expected: out, rows=passed; dx, rows=failed; dw, rows=failed; db, rows=passed; out, images=passed; dx, images=failed; dw, images=failed; db, images=passed
import numpy as np

kept = None


def affine_forward(x, w, b):
    global kept
    out, cache = None, None
    out = x.reshape(len(x), -1) @ w + b
    kept = cache = x, w
    return out, cache


def affine_backward(dout, cache):
    dx, dw, db = None, None, None
    x, w = kept
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
