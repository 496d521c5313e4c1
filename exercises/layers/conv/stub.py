"""Convolution layer: fill in conv_forward_naive, conv_backward_naive and hand in this file. An output that is not done yet stays None."""

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    """Slides every filter over every image.

    Args:
        x: images, shape (N, C, H, W)
        w: filters, shape (F, C, HH, WW)
        b: biases, shape (F,)
        conv_param: a dict with "stride" and "pad" (zeros on each side of the images)

    Returns:
        out: shape (N, F, H', W') with H' = 1 + (H + 2 * pad - HH) / stride, and W' alike
        cache: whatever conv_backward_naive needs
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def conv_backward_naive(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, F, H', W')
        cache: what conv_forward_naive returned

    Returns:
        dx: shape (N, C, H, W)
        dw: shape (F, C, HH, WW)
        db: shape (F,)
    """
    dx, dw, db = None, None, None
    # YOUR CODE HERE
    return dx, dw, db
