"""Wrong gradients of layer norm, as students write them; each docstring says which mistake a person sees."""

import torch

EPS = 1e-5


def stats(x):
    mu = x.mean(dim=1, keepdim=True)
    var = x.var(dim=1, keepdim=True, unbiased=False)
    return mu, var, (x - mu) / torch.sqrt(var + EPS)


def w1(x, gamma, beta, upstream):
    """expected: statistics held fixed: deviation-held-fixed + mean-held-fixed"""
    _, var, xhat = stats(x)
    dx = upstream * gamma / torch.sqrt(var + EPS)
    return dx, (upstream * xhat).sum(0), upstream.sum(0)


def w2(x, gamma, beta, upstream):
    """expected: variance ignored: divisor-held-fixed, mean-held-fixed, path-ignored"""
    _, var, xhat = stats(x)
    dxhat = upstream * gamma
    dx = (dxhat - dxhat.mean(1, keepdim=True)) / torch.sqrt(var + EPS)
    return dx, (upstream * xhat).sum(0), upstream.sum(0)


def w3(x, gamma, beta, upstream):
    """expected: gamma dropped on the way back: factor-dropped"""
    D = x.shape[1]
    _, var, xhat = stats(x)
    dx = torch.zeros_like(x)
    for n in range(len(x)):
        d = upstream[n]
        dx[n] = (D * d - d.sum() - xhat[n] * (d * xhat[n]).sum()) / (D * torch.sqrt(var[n] + EPS))
    return dx, (upstream * xhat).sum(0), upstream.sum(0)


def w4(x, gamma, beta, upstream):
    """expected: gamma's gradient from x: own-value, before normalisation"""
    D = x.shape[1]
    _, var, xhat = stats(x)
    d = upstream * gamma
    dx = (D * d - d.sum(1, keepdim=True) - xhat * (d * xhat).sum(1, keepdim=True)) / (D * torch.sqrt(var + EPS))
    dgamma = torch.zeros_like(gamma)
    for n in range(len(x)):
        dgamma += upstream[n] * x[n]
    return dx, dgamma, upstream.sum(0)


def w5(x, gamma, beta, upstream):
    """expected: beta's gradient averaged: broadcast-axis-averaged"""
    D = x.shape[1]
    _, var, xhat = stats(x)
    d = upstream * gamma
    dx = (D * d - d.sum(1, keepdim=True) - xhat * (d * xhat).sum(1, keepdim=True)) / (D * torch.sqrt(var + EPS))
    return dx, (upstream * xhat).sum(0), upstream.mean(0)


def w6(x, gamma, beta, upstream):
    """expected: gamma's gradient of the last row only: broadcast-axis-last-only"""
    D = x.shape[1]
    _, var, xhat = stats(x)
    d = upstream * gamma
    dx = (D * d - d.sum(1, keepdim=True) - xhat * (d * xhat).sum(1, keepdim=True)) / (D * torch.sqrt(var + EPS))
    for n in range(len(x)):
        dgamma = upstream[n] * xhat[n]
    return dx, dgamma, upstream.sum(0)


def w7(x, gamma, beta, upstream):
    """expected: mean's dependence ignored: mean-held-fixed"""
    D = x.shape[1]
    mu, var, xhat = stats(x)
    std = torch.sqrt(var + EPS)
    d = upstream * gamma
    dvar = (d * (x - mu)).sum(1, keepdim=True) * -0.5 * (var + EPS) ** -1.5
    dx = d / std + dvar * 2 * (x - mu) / D
    return dx, (upstream * xhat).sum(0), upstream.sum(0)


def w8(x, gamma, beta, upstream):
    """expected: factor two of the square missing: no-factor-two"""
    D = x.shape[1]
    mu, var, xhat = stats(x)
    std = torch.sqrt(var + EPS)
    d = upstream * gamma
    dvar = (d * (x - mu)).sum(1, keepdim=True) * -0.5 * (var + EPS) ** -1.5
    dx = d / std + dvar * (x - mu) / D
    dx = dx - (d / std).mean(1, keepdim=True)
    return dx, (upstream * xhat).sum(0), upstream.sum(0)
