# expected: out=failed:unbiased-variance; dx=failed:unbiased-variance; dgamma=failed:unbiased-variance; dbeta=passed
import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    out, cache = None, None
    groups = x.reshape(len(x), G, -1)
    std = np.sqrt(groups.var(axis=2, keepdims=True, ddof=1) + eps)
    xhat = (groups - groups.mean(axis=2, keepdims=True)) / std
    out = gamma * xhat.reshape(x.shape) + beta
    cache = xhat, std, gamma
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = None, None, None
    xhat, std, gamma = cache
    dgamma = (dout * xhat.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dxhat = (dout * gamma).reshape(xhat.shape)
    inner = dxhat - dxhat.mean(axis=2, keepdims=True) - xhat * (dxhat * xhat).sum(axis=2, keepdims=True) / (xhat.shape[2] - 1)
    dx = (inner / std).reshape(dout.shape)
    return dx, dgamma, dbeta
