import numpy as np


def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x.copy(), (np.ones(x.shape, dtype=bool), 1.0)
    rng = np.random.default_rng(dropout_param.get("seed"))
    out, kept = np.zeros_like(x), np.zeros(x.shape, dtype=bool)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            if rng.random() < p:
                out[i, j] = x[i, j] / p
                kept[i, j] = True
    return out, (kept, p)


def dropout_backward(dout, cache):
    kept, p = cache
    dx = np.zeros_like(dout)
    dx[kept] = dout[kept] / p
    return dx
