"""Wrong backprops of one observation, as students write them; each docstring says which misconceptions are mixed in."""

import torch


def s01(x, t, W, wout):
    """expected: no-factor-two"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a.dot(wout))
    d = (p - t) * p * (1 - p)
    return d * a, x.reshape(-1, 1) * (d * wout * (h > 0)).reshape(1, -1)


def s02(x, t, W, wout):
    """expected: sigmoid-of-one-minus-score"""
    h = W.T @ x
    a = h.clamp(min=0)
    s = wout @ a
    p = torch.sigmoid(s)
    d = 2 * (p - t) * torch.sigmoid(s) * torch.sigmoid(1 - s)
    return a * d, torch.outer(x, wout * d * (a > 0))


def s03(x, t, W, wout):
    """expected: no-relu-mask"""
    h = x.unsqueeze(0) @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    dwout = (d * a).squeeze(0)
    dW = x.unsqueeze(1) @ (d * wout).unsqueeze(0)
    return dwout, dW


def s04(x, t, W, wout):
    """expected: sign-instead-of-slope"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    slope = torch.ones(len(h))
    for i in range(len(h)):
        if h[i] < 0:
            slope[i] = -1
    return d * a, torch.outer(x, d * wout * slope)


def s05(x, t, W, wout):
    """expected: transposed"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    dh = d * wout
    dh[h <= 0] = 0
    return d * a, dh[:, None] * x[None, :]


def s06(x, t, W, wout):
    """expected: probability-and-score-mixed"""
    h = x @ W
    a = torch.relu(h)
    score = a @ wout
    p = torch.sigmoid(score)
    d = 2 * (p - t) * (p - p * score)
    return d * a, torch.outer(x, d * wout * (h > 0))


def s07(x, t, W, wout):
    """expected: relu-on-the-result"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    dW = torch.zeros_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            dW[i, j] = max(0.0, float(d * wout[j] * (h[j] > 0) * x[i]))
    return d * a, dW


def s08(x, t, W, wout):
    """expected: wout-as-its-own-derivative"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    return d * wout, torch.outer(x, d * wout * (h > 0))


def d01(x, t, W, wout):
    """expected: no-factor-two + no-output-weights"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = (p - t) * p * (1 - p)
    return d * a, torch.outer(x, d * (h > 0))


def d02(x, t, W, wout):
    """expected: sign-flipped + no-relu-mask"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (t - p) * p * (1 - p)
    return d * a, torch.outer(x, d * wout)


def d03(x, t, W, wout):
    """expected: only-the-probability + transposed"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * p * (p - t)
    return d * a, torch.outer(d * wout * (h > 0), x)


def d04(x, t, W, wout):
    """expected: before-relu + relu-on-the-gradient"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * p * (1 - p)
    g = d * wout
    g[g < 0] = 0
    return d * h, torch.outer(x, g * (h > 0))


def d05(x, t, W, wout):
    """expected: tanh-derivative + no-input"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    d = 2 * (p - t) * (1 - p) * (1 + p)
    return d * a, (d * wout * (h > 0)).expand(W.shape)
