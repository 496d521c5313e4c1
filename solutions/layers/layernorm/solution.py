import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalises every observation over its features, then scales and shifts them.

    Args:
        x: observations in rows, shape (N, D)
        gamma: scales, shape (D,)
        beta: shifts, shape (D,)
        ln_param: a dict with "eps"

    Returns:
        out: shape (N, D)
        cache: whatever layernorm_backward needs
    """
    eps = ln_param.get("eps", 1e-5)
    out, cache = None, None
    ### BEGIN SOLUTION
    std = np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    out = gamma * xhat + beta
    cache = xhat, std, gamma
    ### END SOLUTION
    return out, cache


def layernorm_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, D)
        cache: what layernorm_forward returned

    Returns:
        dx: shape (N, D)
        dgamma: shape (D,)
        dbeta: shape (D,)
    """
    dx, dgamma, dbeta = None, None, None
    ### BEGIN SOLUTION
    xhat, std, gamma = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    inner = dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = inner / std
    ### END SOLUTION
    return dx, dgamma, dbeta
