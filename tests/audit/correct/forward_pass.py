"""Correct ways to write the forward pass: every function here must get full marks under every secret."""

import torch


def plain(x, t, W, wout):
    h = x @ W
    a = torch.relu(h)
    score = a @ wout
    p = torch.sigmoid(score)
    return h, a, score, p, ((p - t) ** 2).sum()


def by_hand(x, t, W, wout):
    h = (x[..., :, None] * W).sum(-2)
    a = h.clamp(min=0)
    score = (a * wout).sum(-1)
    p = 1 / (1 + torch.exp(-score))
    return h, a, score, p, (p * p - 2 * p * t + t * t).sum()


def tanh_for_sigmoid(x, t, W, wout):
    h = torch.einsum("...d,dh->...h", x, W)
    a = torch.where(h > 0, h, 0.0)
    score = torch.einsum("...h,h->...", a, wout)
    p = 0.5 + 0.5 * torch.tanh(score / 2)
    return h, a, score, p, torch.linalg.vector_norm(p - t) ** 2


def float64_inside(x, t, W, wout):
    return tuple(value.float() for value in plain(x.double(), t.double(), W.double(), wout.double()))


def row_by_row(x, t, W, wout):
    if x.ndim == 1:
        return plain(x, t, W, wout)
    rows = [plain(x[n], t[n], W, wout) for n in range(len(x))]
    h, a, score, p, losses = (torch.stack(values) for values in zip(*rows))
    return h, a, score, p, losses.mean() * len(x)
