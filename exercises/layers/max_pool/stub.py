"""Max pooling: fill in max_pool_forward_naive, max_pool_backward_naive and hand in this file. An output that is not done yet stays None."""

import numpy as np


def max_pool_forward_naive(x, pool_param):
    """Keeps the largest number of every window.

    Args:
        x: images, shape (N, C, H, W)
        pool_param: a dict with "pool_height", "pool_width" and "stride"

    Returns:
        out: shape (N, C, H', W') with H' = 1 + (H - pool_height) / stride, and W' alike
        cache: whatever max_pool_backward_naive needs
    """
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def max_pool_backward_naive(dout, cache):
    """Returns the gradient of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, C, H', W')
        cache: what max_pool_forward_naive returned

    Returns:
        dx: shape (N, C, H, W)
    """
    dx = None
    # YOUR CODE HERE
    return dx
