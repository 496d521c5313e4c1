"""ReLU layer: fill in relu_forward, relu_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def relu_forward(x):
    """Lets nonnegative entries pass.

    Args:
        x: an array of any shape

    Returns:
        out: max(0, x), shape of x
        cache: whatever relu_backward needs
    """
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def relu_backward(dout, cache):
    """Returns the gradient of the loss.

    Args:
        dout: the gradient that arrives at out, shape of x
        cache: what relu_forward returned

    Returns:
        dx: shape of x
    """
    dx = None
    # YOUR CODE HERE
    return dx
