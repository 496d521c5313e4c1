"""Correct ways back through y = c * v: every function here must get full marks under every secret."""

import torch


def dot(c, v, dloss_dy):
    return v @ dloss_dy, c * dloss_dy


def loop(c, v, dloss_dy):
    total = torch.tensor(0.0)
    for k in range(len(v)):
        total += v[k] * dloss_dy[k]
    return total, torch.stack([c * entry for entry in dloss_dy])


def mean_times_d(c, v, dloss_dy):
    return (v * dloss_dy).mean() * len(v), dloss_dy.mul(c)
