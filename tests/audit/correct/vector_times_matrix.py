"""Correct ways back through y = vW: every function here must get full marks under every secret."""

import torch


def products(v, W, dloss_dy):
    return W @ dloss_dy, torch.outer(v, dloss_dy)


def broadcast(v, W, dloss_dy):
    return (W * dloss_dy).sum(1), v[:, None] * dloss_dy


def loops(v, W, dloss_dy):
    dv = torch.zeros(len(v))
    for k in range(W.shape[1]):
        dv += dloss_dy[k] * W[:, k]
    return dv, torch.stack([v * entry for entry in dloss_dy], dim=1)


def mean_times_h(v, W, dloss_dy):
    return (W * dloss_dy).mean(1) * len(dloss_dy), (v / 3)[:, None] @ dloss_dy[None] * 3
