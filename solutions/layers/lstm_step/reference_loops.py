import numpy as np


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    n, h = prev_h.shape
    a = np.zeros((n, 4 * h))
    for row in range(n):
        for k in range(4 * h):
            a[row, k] = x[row].dot(Wx[:, k]) + prev_h[row].dot(Wh[:, k]) + b[k]
    gates = {"i": sigmoid(a[:, :h]), "f": sigmoid(a[:, h : 2 * h]), "o": sigmoid(a[:, 2 * h : 3 * h])}
    gates["g"] = np.tanh(a[:, 3 * h :])
    next_c = gates["f"] * prev_c + gates["i"] * gates["g"]
    return gates["o"] * np.tanh(next_c), next_c, [x, prev_h, prev_c, Wx, Wh, gates, next_c]


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, gates, next_c = cache
    n, h = prev_h.shape
    dx, dprev_h, dprev_c = np.zeros_like(x), np.zeros_like(prev_h), np.zeros_like(prev_c)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(4 * h)
    for row in range(n):
        for k in range(h):
            i, f, o, g = (gates[name][row, k] for name in "ifog")
            t = np.tanh(next_c[row, k])
            dc = dnext_c[row, k] + dnext_h[row, k] * o * (1 - t * t)
            dprev_c[row, k] = dc * f
            slopes = (
                dc * g * i * (1 - i),
                dc * prev_c[row, k] * f * (1 - f),
                dnext_h[row, k] * t * o * (1 - o),
                dc * i * (1 - g * g),
            )
            for block, d in enumerate(slopes):
                column = block * h + k
                dx[row] += d * Wx[:, column]
                dprev_h[row] += d * Wh[:, column]
                dWx[:, column] += d * x[row]
                dWh[:, column] += d * prev_h[row]
                db[column] += d
    return dx, dprev_h, dprev_c, dWx, dWh, db
