"""Correct ways to write the score's gradient: every function here must get full marks under every secret."""

import torch


def masked_product(X, W, wout):
    h = X @ W
    return X.T @ ((h > 0) * wout), torch.relu(h).sum(0)


def loop(X, W, wout):
    dW, dwout = torch.zeros_like(W), torch.zeros_like(wout)
    for x in X:
        h = x @ W
        dwout += h.clamp(min=0)
        dW += torch.outer(x, wout * (h > 0))
    return dW, dwout


def weights_last(X, W, wout):
    h = X @ W
    return (X.T @ (h > 0).float()) * wout, torch.ones(len(X)) @ h.relu()


def mean_times_n(X, W, wout):
    h = X @ W
    outer = X[:, :, None] * ((h > 0) * wout)[:, None]
    return outer.mean(0) * len(X), h.relu().mean(0) * len(X)


def float64_inside(X, W, wout):
    h = X.double() @ W.double()
    return (X.double().T @ ((h > 0) * wout.double())).float(), h.relu().sum(0).float()


def column_by_column(X, W, wout):
    h = X @ W
    columns = [X[h[:, k] > 0].sum(0) * wout[k] for k in range(len(wout))]
    return torch.stack(columns, 1), torch.stack([h[h[:, k] > 0, k].sum() for k in range(len(wout))])
