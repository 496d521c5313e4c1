import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.zeros_like(prev_h)
    for n in range(len(x)):
        for k in range(len(b)):
            next_h[n, k] = np.tanh(sum(x[n] * Wx[:, k]) + sum(prev_h[n] * Wh[:, k]) + b[k])
    return next_h, locals()


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = (cache[name] for name in ("x", "prev_h", "Wx", "Wh", "next_h"))
    dx, dprev_h = np.zeros_like(x), np.zeros_like(prev_h)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[0])
    for n, k in np.ndindex(*dnext_h.shape):
        d = dnext_h[n, k] * (1 - next_h[n, k] ** 2)
        dx[n] += d * Wx[:, k]
        dprev_h[n] += d * Wh[:, k]
        dWx[:, k] += d * x[n]
        dWh[:, k] += d * prev_h[n]
        db[k] += d
    return dx, dprev_h, dWx, dWh, db
