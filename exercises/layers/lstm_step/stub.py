"""One step of an LSTM layer: fill in lstm_step_forward, lstm_step_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """One step of an LSTM layer.

    Args:
        x: inputs of this step, shape (N, D)
        prev_h: states before it, shape (N, H)
        prev_c: cells before it, shape (N, H)
        Wx: shape (D, 4H), the blocks in the order i, f, o, g
        Wh: shape (H, 4H)
        b: shape (4H,)

    Returns:
        next_h: shape (N, H)
        next_c: shape (N, H)
        cache: whatever lstm_step_backward needs
    """
    next_h, next_c, cache = None, None, None
    # YOUR CODE HERE
    return next_h, next_c, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    """Returns the gradients of the loss.

    Args:
        dnext_h: the gradient that arrives at next_h, shape (N, H)
        dnext_c: the gradient that arrives at next_c, shape (N, H)
        cache: what lstm_step_forward returned

    Returns:
        dx: shape (N, D)
        dprev_h: shape (N, H)
        dprev_c: shape (N, H)
        dWx: shape (D, 4H)
        dWh: shape (H, 4H)
        db: shape (4H,)
    """
    dx, dprev_h, dprev_c, dWx, dWh, db = None, None, None, None, None, None
    # YOUR CODE HERE
    return dx, dprev_h, dprev_c, dWx, dWh, db
