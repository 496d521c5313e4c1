import numpy as np


def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    for n in range(x.shape[0]):
        row = np.ravel(x[n])
        for m in range(w.shape[1]):
            out[n, m] = sum(row[d] * w[d, m] for d in range(len(row))) + b[m]
    return out, {"x": x, "w": w}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx, dw, db = [], np.zeros_like(w), np.zeros(w.shape[1])
    for n, m in np.ndindex(*dout.shape):
        dw[:, m] += dout[n, m] * x[n].flatten()
        db[m] += dout[n, m]
    for n in range(len(x)):
        dx.append(w.dot(dout[n]).reshape(x[n].shape))
    return np.array(dx), dw, db
