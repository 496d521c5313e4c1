"""Wrong gradients of batch norm, as students write them; each docstring says which mistake a person sees."""

import torch

EPS = 1e-5


def cache(x):
    mu = x.sum(0) / x.shape[0]
    xc = x - mu
    var = (xc * xc).sum(0) / x.shape[0]
    inv = 1 / (var + EPS).sqrt()
    return xc, inv, xc * inv


def right(x, d):
    N = x.shape[0]
    _, inv, xhat = cache(x)
    return inv / N * (N * d - d.sum(0) - xhat * (d * xhat).sum(0))


def w1(x, gamma, beta, upstream):
    """expected: variance held fixed: second-path-ignored, path-ignored"""
    _, inv, xhat = cache(x)
    d = upstream * gamma
    return inv * (d - d.mean(0)), (upstream * xhat).sum(0), upstream.sum(0)


def w2(x, gamma, beta, upstream):
    """expected: scale forgotten: factor-dropped"""
    return right(x, upstream), (upstream * cache(x)[2]).sum(0), upstream.sum(0)


def w3(x, gamma, beta, upstream):
    """expected: scale's gradient averaged over the batch: broadcast-axis-averaged"""
    dgamma = torch.zeros_like(gamma)
    for n in range(len(x)):
        dgamma += upstream[n] * cache(x)[2][n]
    return right(x, upstream * gamma), dgamma / len(x), upstream.sum(0)


def w4(x, gamma, beta, upstream):
    """expected: shift's gradient of the last observation: broadcast-axis-last-only"""
    for n in range(len(x)):
        dbeta = upstream[n].clone()
    return right(x, upstream * gamma), (upstream * cache(x)[2]).sum(0), dbeta


def w5(x, gamma, beta, upstream):
    """expected: both statistics held fixed: mean-held-fixed + path-ignored"""
    _, inv, xhat = cache(x)
    return upstream * gamma * inv, (upstream * xhat).sum(0), upstream.sum(0)


def w6(x, gamma, beta, upstream):
    """expected: factor of the root missing: no-root-factor"""
    N = len(x)
    xc, inv, xhat = cache(x)
    d = upstream * gamma
    dvar = (d * xc).sum(0) * -1 * inv**3
    dx = d * inv + dvar * 2 * xc / N
    return dx - dx.mean(0), (upstream * xhat).sum(0), upstream.sum(0)


def w7(x, gamma, beta, upstream):
    """expected: the root's slope has the wrong sign: sign-flipped"""
    N = len(x)
    xc, inv, xhat = cache(x)
    d = upstream * gamma
    dvar = (d * xc).sum(0) * 0.5 * inv**3
    dx = d * inv + dvar * 2 * xc / N
    return dx - dx.mean(0), (upstream * xhat).sum(0), upstream.sum(0)
