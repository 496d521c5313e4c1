"""Correct ways to find dead units and flat observations: each must get full marks under every secret."""

import torch


def plain(X, W, b, wout):
    h = X @ W + b
    p = torch.sigmoid(h.relu() @ wout)
    slope = p * (1 - p)
    return (h <= 0).all(0), (slope[:, None] * wout * (h > 0)).sum(0), slope < 0.01


def loop(X, W, b, wout):
    dead, db, flat = torch.ones(len(b), dtype=torch.bool), torch.zeros_like(b), []
    for x in X:
        h = b + W.T @ x
        dead &= ~(h > 0)
        p = 1 / (1 + torch.exp(-(h.clamp(min=0) @ wout)))
        db += p * (1 - p) * wout * (h > 0)
        flat.append(p - p**2 < 0.01)
    return dead, db, torch.stack(flat)


def matrix_products(X, W, b, wout):
    h = torch.addmm(b, X, W)
    a = torch.maximum(h, torch.tensor(0.0))
    p = (torch.tanh(a @ wout / 2) + 1) / 2
    return a.sum(0) == 0, (p * (1 - p)) @ (h > 0).float() * wout, p * (1 - p) < 0.01
