"""Correct ways to write backpropagation of one observation: each must get full marks under every secret."""

import math

import torch


def link_by_link(x, t, W, wout):
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    dscore = 2 * (p - t) * p * (1 - p)
    dh = dscore * wout * (h > 0)
    return dscore * a, torch.outer(x, dh)


def with_a_batch_axis(x, t, W, wout):
    X = x[None]
    h = X @ W
    a = h.clamp(min=0)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return (g @ a), X.T @ (g[:, None] * wout * (h > 0))


def loops(x, t, W, wout):
    D, H = W.shape
    h = [sum(float(x[d] * W[d, k]) for d in range(D)) for k in range(H)]
    p = 1 / (1 + math.exp(-sum(max(0, h[k]) * float(wout[k]) for k in range(H))))
    g = 2 * (p - t.item()) * p * (1 - p)
    dwout, dW = torch.zeros(H), torch.zeros(D, H)
    for k in range(H):
        if h[k] > 0:
            dwout[k] = g * h[k]
            for d in range(D):
                dW[d, k] = g * wout[k] * x[d]
    return dwout, dW


def jacobian_times_upstream(x, t, W, wout):
    h = x @ W
    a = h * (h > 0)
    p = torch.sigmoid((a * wout).sum())
    dh = (2 * p - 2 * t) * (p - p * p) * wout * (h > 0)
    dh_dW = torch.zeros(len(wout), *W.shape)
    for k in range(len(wout)):
        dh_dW[k, :, k] = x
    return (2 * p - 2 * t) * (p - p * p) * a, torch.einsum("k,kdh->dh", dh, dh_dW)


def float64_inside(x, t, W, wout):
    x, t, W, wout = x.double(), t.double(), W.double(), wout.double()
    h = x @ W
    p = torch.sigmoid(h.relu() @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return (g * h.relu()).float(), (x[:, None] * (g * wout * (h > 0))).float()


def tanh_for_sigmoid(x, t, W, wout):
    h = W.T @ x
    a = torch.max(h, torch.zeros_like(h))
    p = (torch.tanh((a @ wout) / 2) + 1) / 2
    g = (p - t) * (1 - p) * p * 2
    return a.mul(g), (x.repeat(len(wout), 1) * (g * wout * (h > 0))[:, None]).T
