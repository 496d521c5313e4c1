"""Correct ways to write the update step: every function here must get full marks under every secret."""

import torch


def step_after_step(x, W, v, lr):
    path, new = [], W.clone()
    if x.ndim == 1:
        for k in range(len(v)):
            new = new.clone()
            new[:, k] -= lr * x * v[k]
            path.append(new)
        return torch.stack(path), new, v - lr * (x @ W)
    for row in x:
        new = new - lr * torch.outer(row, v)
        path.append(new)
    return torch.stack(path), new, v - lr * (x @ W).sum(0)


def closed_form(x, W, v, lr):
    if x.ndim == 1:
        steps = torch.einsum("d,hk->hdk", x, torch.diag(v))
        return W - lr * steps.cumsum(0), W - lr * x[:, None] * v, v - lr * W.T @ x
    sums = x.cumsum(0)
    return W - lr * sums[:, :, None] * v, W - lr * torch.outer(x.sum(0), v), v - lr * x.sum(0) @ W


def float64_inside(x, W, v, lr):
    return tuple(value.float() for value in step_after_step(x.double(), W.double(), v.double(), lr))
