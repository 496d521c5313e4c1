import numpy as np


def attention_forward(q, k, v):
    n, t, d = q.shape
    out, weights = np.zeros_like(v), np.zeros((n, t, t))
    for a in range(n):
        for i in range(t):
            scores = np.array([q[a, i].dot(k[a, j]) / d**0.5 for j in range(t)])
            exps = np.exp(scores - scores.max())
            weights[a, i] = exps / exps.sum()
            for j in range(t):
                out[a, i] += weights[a, i, j] * v[a, j]
    return out, {"q": q, "k": k, "v": v, "weights": weights}


def attention_backward(dout, cache):
    q, k, v, weights = cache["q"], cache["k"], cache["v"], cache["weights"]
    n, t, d = q.shape
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for a in range(n):
        for i in range(t):
            dw = np.array([dout[a, i].dot(v[a, j]) for j in range(t)])
            mean = weights[a, i].dot(dw)
            for j in range(t):
                ds = weights[a, i, j] * (dw[j] - mean) / d**0.5
                dq[a, i] += ds * k[a, j]
                dk[a, j] += ds * q[a, i]
                dv[a, j] += weights[a, i, j] * dout[a, i]
    return dq, dk, dv
