"""Correct ways to write the gradient of the probability: each must get full marks under every secret."""

import torch


def outer_product(x, W, v):
    p = torch.sigmoid(x @ W @ v)
    return p * (1 - p) * torch.outer(x, v), p * (1 - p) * (x @ W)


def other_association(x, W, v):
    p = torch.sigmoid(x @ (W @ v))
    slope = p - p**2
    return (x * slope)[:, None] * v, W.T @ (x * slope)


def exponentials(x, W, v):
    e = torch.exp(-(x @ W @ v))
    slope = e / (1 + e) ** 2
    return torch.einsum("d,h->dh", x, v) * slope, (x[:, None] * W).sum(0) * slope


def tanh_for_sigmoid(x, W, v):
    p = (1 + torch.tanh((W.T @ x) @ v / 2)) / 2
    return x.unsqueeze(1) @ v.unsqueeze(0) * p * (1 - p), torch.stack([x @ W[:, k] for k in range(len(v))]) * p * (
        1 - p
    )
