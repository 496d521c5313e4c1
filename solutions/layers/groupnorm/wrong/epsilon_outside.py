# expected: out=failed:epsilon-outside-of-the-root; dx=failed:epsilon-outside-of-the-root; dgamma=failed:epsilon-outside-of-the-root; dbeta=passed
import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    out, cache = None, None
    groups = x.reshape(len(x), G, -1)
    std = np.sqrt(groups.var(axis=2, keepdims=True)) + eps
    xhat = (groups - groups.mean(axis=2, keepdims=True)) / std
    out = gamma * xhat.reshape(x.shape) + beta
    cache = xhat, std, gamma, eps
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = None, None, None
    xhat, std, gamma, eps = cache
    dgamma = (dout * xhat.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dxhat = (dout * gamma).reshape(xhat.shape)
    inner = dxhat - dxhat.mean(axis=2, keepdims=True) - xhat * (dxhat * xhat).mean(axis=2, keepdims=True) * std / (std - eps)
    dx = (inner / std).reshape(dout.shape)
    return dx, dgamma, dbeta
