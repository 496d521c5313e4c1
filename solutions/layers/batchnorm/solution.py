import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalises every feature over the batch, then scales and shifts it.

    Args:
        x: observations in rows, shape (N, D)
        gamma: scales, shape (D,)
        beta: shifts, shape (D,)
        bn_param: a dict with "mode" ("train" or "test"), "eps", "momentum", and "running_mean" and "running_var" of
            shape (D,), which are updated in the dict in training

    Returns:
        out: shape (N, D)
        cache: whatever batchnorm_backward needs
    """
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    running_mean, running_var = bn_param["running_mean"], bn_param["running_var"]
    if mode == "train":
        bn_param["running_mean"], bn_param["running_var"] = None, None
    out, cache = None, None
    ### BEGIN SOLUTION
    if mode == "test":
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
        return out, None
    momentum = bn_param.get("momentum", 0.9)
    mean, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    out = gamma * xhat + beta
    cache = xhat, std, gamma
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    ### END SOLUTION
    return out, cache


def batchnorm_backward(dout, cache):
    """Returns the gradients of the loss, in training mode.

    Args:
        dout: the gradient that arrives at out, shape (N, D)
        cache: what batchnorm_forward returned

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
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std
    ### END SOLUTION
    return dx, dgamma, dbeta
