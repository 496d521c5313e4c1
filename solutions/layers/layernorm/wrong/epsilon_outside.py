# expected: out=failed:epsilon-outside-of-the-root; dx=failed:epsilon-outside-of-the-root; dgamma=failed:epsilon-outside-of-the-root; dbeta=passed
import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    out, cache = None, None
    std = np.sqrt(x.var(axis=1, keepdims=True)) + eps
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    out = gamma * xhat + beta
    cache = xhat, std, gamma, eps
    return out, cache


def layernorm_backward(dout, cache):
    dx, dgamma, dbeta = None, None, None
    xhat, std, gamma, eps = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    inner = dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True) * std / (std - eps)
    dx = inner / std
    return dx, dgamma, dbeta
