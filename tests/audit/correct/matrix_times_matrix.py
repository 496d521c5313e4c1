"""Correct ways back through Y = XW: every function here must get full marks under every secret."""

import torch


def products(X, W, dloss_dY):
    return dloss_dY @ W.T, X.T @ dloss_dY


def einsum(X, W, dloss_dY):
    return torch.einsum("nh,dh->nd", dloss_dY, W), torch.einsum("nd,nh->dh", X, dloss_dY)


def row_by_row(X, W, dloss_dY):
    dX, dW = torch.zeros_like(X), torch.zeros_like(W)
    for n in range(len(X)):
        dX[n] = W @ dloss_dY[n]
        dW += X[n][:, None] * dloss_dY[n]
    return dX, dW


def column_by_column(X, W, dloss_dY):
    dX = torch.zeros_like(X)
    for k in range(W.shape[1]):
        dX += torch.outer(dloss_dY[:, k], W[:, k])
    return dX, torch.stack([X.T @ dloss_dY[:, k] for k in range(W.shape[1])], dim=1)


def broadcast_and_sum(X, W, dloss_dY):
    return (dloss_dY[:, None, :] * W).sum(2), (X[:, :, None] * dloss_dY[:, None, :]).sum(0)


def thirds(X, W, dloss_dY):
    return (dloss_dY / 3) @ W.T * 3, (X / 7).T @ dloss_dY * 7


def averages(X, W, dloss_dY):
    H, N = W.shape[1], len(X)
    return (dloss_dY[:, None, :] * W).mean(2) * H, (X[:, :, None] * dloss_dY[:, None, :]).flip(0).mean(0) * N
