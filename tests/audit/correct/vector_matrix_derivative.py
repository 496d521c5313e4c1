"""Correct ways to write dy/dW of y = xW: every function here must get full marks under every secret."""

import numpy as np
import torch


def repeated_column(W, x):
    s = x if x.ndim == 1 else x.sum(0)
    return s[:, None].repeat(1, W.shape[1])


def expanded(W, x):
    return x.reshape(-1, len(W)).sum(0)[:, None].expand(-1, W.shape[1])


def mean_times_n(W, x):
    rows = torch.atleast_2d(x)
    return (rows.mean(0) * len(rows))[:, None] * torch.ones(1, W.shape[1])


def loop_with_plus(W, x):
    result = torch.zeros_like(W)
    for row in torch.atleast_2d(x):
        for column in range(W.shape[1]):
            result[:, column] += row
    return result


def matmul_with_ones(W, x):
    rows = x.view(1, -1) if x.ndim == 1 else x
    return rows.T @ torch.ones(len(rows), W.shape[1])


def einsum(W, x):
    return torch.einsum("nd,h->dh", torch.atleast_2d(x), torch.ones(W.shape[1]))


def last_of_cumsum(W, x):
    return torch.atleast_2d(x).cumsum(0)[-1].unsqueeze(1).repeat(1, W.shape[1])


def float64_inside(W, x):
    return torch.outer(torch.atleast_2d(x).double().sum(0), torch.ones(W.shape[1]).double()).float()


def reversed_outer_products(W, x):
    result = torch.zeros(W.shape)
    for row in torch.atleast_2d(x).flip(0):
        result = torch.outer(row, torch.ones(W.shape[1])) + result
    return result


def python_sums(W, x):
    rows = torch.atleast_2d(x).tolist()
    return torch.tensor([[sum(row[d] for row in rows)] * W.shape[1] for d in range(W.shape[0])])


def in_place_copy(W, x):
    result = torch.empty_like(W)
    result.copy_(torch.atleast_2d(x).sum(dim=0, keepdim=True).T)
    return result


def through_numpy(W, x):
    return torch.from_numpy(np.tile(np.atleast_2d(x.numpy()).sum(0)[:, None], (1, W.shape[1])))


def thirds(W, x):
    return (torch.atleast_2d(x) / 3).sum(0)[:, None] * 3 + torch.zeros_like(W)


def full_jacobian_summed(W, x):
    rows = torch.atleast_2d(x)
    jacobian = torch.einsum("nd,hk->nhdk", rows, torch.eye(W.shape[1]))
    return jacobian.sum((0, 1))
