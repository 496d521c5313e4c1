"""Wrong local derivatives, as students write them; each docstring says which misconceptions are mixed in."""

import torch


def s01(x, t, W, wout):
    """expected: no-factor-two"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    return -(t - p), p - p**2, a, wout.clone(), torch.where(h > 0, 1.0, 0.0), torch.outer(x, torch.ones(W.shape[1]))


def s02(x, t, W, wout):
    """expected: output-derivatives-swapped"""
    h = x @ W
    a = h.clip(min=0)
    p = 1 / (1 + torch.exp(-(a @ wout)))
    return 2 * p - 2 * t, p * (1 - p), wout, a, torch.heaviside(h, torch.zeros(1)), x.unsqueeze(1).expand(W.shape)


def s03(x, t, W, wout):
    """expected: derivative-by-x"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(torch.dot(a, wout))
    return 2 * (p - t), p * (1 - p), a, wout, (a > 0).float(), W


def s04(x, t, W, wout):
    """expected: sigmoid-of-the-probability"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    q = torch.sigmoid(p)
    dh_dW = torch.zeros_like(W)
    for i in range(len(x)):
        dh_dW[i] = x[i]
    return 2 * (p - t), q - q * q, a, wout, (h > 0).float(), dh_dW


def d01(x, t, W, wout):
    """expected: sign-flipped + transposed"""
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    return 2 * (t - p), p * (1 - p), a, wout, (h > 0).float(), torch.ones(W.shape[1], 1) * x


def d02(x, t, W, wout):
    """expected: before-relu + no-relu-mask"""
    h = x @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    return 2 * (p - t), p * (1 - p), h, wout, torch.ones(len(h)), x[:, None].repeat(1, len(h))


def d03(x, t, W, wout):
    """expected: absolute-error + score-for-probability"""
    h = x @ W
    a = torch.relu(h)
    s = a @ wout
    p = torch.sigmoid(s)
    return 2 * torch.abs(t - p), s * (1 - s), a, wout, (h > 0).float(), x[:, None].repeat(1, len(h))
