"""Correct ways to write the local derivatives: every function here must get full marks under every secret."""

import torch


def plain(x, t, W, wout):
    h = x @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    return 2 * (p - t), p * (1 - p), a, wout, (h > 0).float(), x[:, None].repeat(1, len(wout))


def by_hand(x, t, W, wout):
    h = (x[:, None] * W).sum(0)
    a = (h + h.abs()) / 2
    e = torch.exp(-(a * wout).sum())
    p = 1 / (1 + e)
    return (
        2 * p - 2 * t,
        e / (1 + e) ** 2,
        a,
        wout.clone(),
        (torch.sign(h) + 1) / 2,
        torch.outer(x, torch.ones_like(wout)),
    )
