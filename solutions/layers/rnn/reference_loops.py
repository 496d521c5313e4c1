import numpy as np


def step(x, h, Wx, Wh, b):
    new = np.tanh(np.dot(x, Wx) + np.dot(h, Wh) + b)
    return new, (x, h, Wx, Wh, new)


def step_back(d, cache):
    x, h, Wx, Wh, new = cache
    d = d * (1 - new * new)
    return np.dot(d, Wx.T), np.dot(d, Wh.T), np.dot(x.T, d), np.dot(h.T, d), np.sum(d, axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    steps, caches, h = [], [], h0
    for t in range(x.shape[1]):
        h, cache = step(x[:, t, :], h, Wx, Wh, b)
        steps.append(h)
        caches.append(cache)
    return np.stack(steps, axis=1), caches


def rnn_backward(dh, cache):
    dxs, later, sums = [], 0, [0, 0, 0]
    for t in range(dh.shape[1] - 1, -1, -1):
        dx, later, *grads = step_back(dh[:, t, :] + later, cache[t])
        dxs.insert(0, dx)
        sums = [total + grad for total, grad in zip(sums, grads, strict=True)]
    return (np.stack(dxs, axis=1), later, *sums)
