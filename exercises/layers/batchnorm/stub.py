"""Batch normalisation: fill in batchnorm_forward, batchnorm_backward and hand in this file. An output that is not done yet stays None."""

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
    # YOUR CODE HERE
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
    # YOUR CODE HERE
    return dx, dgamma, dbeta
