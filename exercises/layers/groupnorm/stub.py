"""Group normalisation of images: fill in spatial_groupnorm_forward, spatial_groupnorm_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalises groups of channels of every image, then scales and shifts each channel.

    Args:
        x: images, shape (N, C, H, W)
        gamma: scales, shape (1, C, 1, 1)
        beta: shifts, shape (1, C, 1, 1)
        G: the number of groups, which divides C
        gn_param: a dict with "eps"

    Returns:
        out: shape (N, C, H, W)
        cache: whatever spatial_groupnorm_backward needs
    """
    eps = gn_param.get("eps", 1e-5)
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, C, H, W)
        cache: what spatial_groupnorm_forward returned

    Returns:
        dx: shape (N, C, H, W)
        dgamma: shape (1, C, 1, 1)
        dbeta: shape (1, C, 1, 1)
    """
    dx, dgamma, dbeta = None, None, None
    # YOUR CODE HERE
    return dx, dgamma, dbeta
