import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    n, c, h, wi = x.shape
    f, _, hh, ww = w.shape
    ho, wo = 1 + (h + 2 * p - hh) // s, 1 + (wi + 2 * p - ww) // s
    out = np.zeros((n, f, ho, wo))
    for a in range(n):
        for k in range(f):
            for i in range(ho):
                for j in range(wo):
                    total = b[k]
                    for ch in range(c):
                        for u in range(hh):
                            for v in range(ww):
                                r, q = i * s + u - p, j * s + v - p
                                if 0 <= r < h and 0 <= q < wi:
                                    total += x[a, ch, r, q] * w[k, ch, u, v]
                    out[a, k, i, j] = total
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    _, c, h, wi = x.shape
    _, _, hh, ww = w.shape
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for a, k, i, j in np.ndindex(*dout.shape):
        g = dout[a, k, i, j]
        db[k] += g
        for ch in range(c):
            for u in range(hh):
                for v in range(ww):
                    r, q = i * s + u - p, j * s + v - p
                    if 0 <= r < h and 0 <= q < wi:
                        dw[k, ch, u, v] += g * x[a, ch, r, q]
                        dx[a, ch, r, q] += g * w[k, ch, u, v]
    return dx, dw, db
