"""Dropout: fill in dropout_forward, dropout_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def dropout_forward(x, dropout_param):
    """Drops entries at random in training, and does nothing in test mode.

    Args:
        x: inputs, any shape
        dropout_param: a dict with "mode" ("train" or "test") and "p", the chance to keep an entry; and, where the same
            entries shall be dropped again, "seed"

    Returns:
        out: shape of x
        cache: whatever dropout_backward needs
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def dropout_backward(dout, cache):
    """Returns the gradient of the loss.

    Args:
        dout: the gradient that arrives at out, shape of x
        cache: what dropout_forward returned

    Returns:
        dx: shape of x
    """
    dx = None
    # YOUR CODE HERE
    return dx
