import numpy as np


def max_pool_forward_naive(x, pool_param):
    kh, kw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    n, c, h, w = x.shape
    out = np.zeros((n, c, 1 + (h - kh) // s, 1 + (w - kw) // s))
    winners = {}
    for place in np.ndindex(*out.shape):
        a, b, i, j = place
        best = None
        for u in range(kh):
            for v in range(kw):
                spot = (a, b, i * s + u, j * s + v)
                if best is None or x[spot] > x[best]:
                    best = spot
        winners[place] = best
        out[place] = x[best]
    return out, (winners, x.shape)


def max_pool_backward_naive(dout, cache):
    winners, shape = cache
    dx = np.zeros(shape)
    for place, spot in winners.items():
        dx[spot] += dout[place]
    return dx
