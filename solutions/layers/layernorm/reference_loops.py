import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    out = np.zeros_like(x)
    for i, row in enumerate(x):
        mean = sum(row) / len(row)
        var = sum((row - mean) ** 2) / len(row)
        out[i] = gamma * (row - mean) / (var + ln_param["eps"]) ** 0.5 + beta
    return out, {"x": x, "gamma": gamma, "eps": ln_param["eps"]}


def layernorm_backward(dout, cache):
    x, gamma, eps = cache["x"], cache["gamma"], cache["eps"]
    d = x.shape[1]
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros(d), np.zeros(d)
    for i, row in enumerate(x):
        centered = row - sum(row) / d
        root = (sum(centered**2) / d + eps) ** 0.5
        dgamma += dout[i] * centered / root
        dbeta += dout[i]
        dxhat = dout[i] * gamma
        dvar = sum(dxhat * centered) * -0.5 / root**3
        dcentered = dxhat / root + dvar * 2 * centered / d
        dx[i] = dcentered - sum(dcentered) / d
    return dx, dgamma, dbeta
