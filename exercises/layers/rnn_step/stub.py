"""One step of a recurrent layer: fill in rnn_step_forward, rnn_step_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    """Returns next_h = tanh(x @ Wx + prev_h @ Wh + b).

    Args:
        x: inputs of this step, shape (N, D)
        prev_h: states before it, shape (N, H)
        Wx: shape (D, H)
        Wh: shape (H, H)
        b: shape (H,)

    Returns:
        next_h: shape (N, H)
        cache: whatever rnn_step_backward needs
    """
    next_h, cache = None, None
    # YOUR CODE HERE
    return next_h, cache


def rnn_step_backward(dnext_h, cache):
    """Returns the gradients of the loss.

    Args:
        dnext_h: the gradient that arrives at next_h, shape (N, H)
        cache: what rnn_step_forward returned

    Returns:
        dx: shape (N, D)
        dprev_h: shape (N, H)
        dWx: shape (D, H)
        dWh: shape (H, H)
        db: shape (H,)
    """
    dx, dprev_h, dWx, dWh, db = None, None, None, None, None
    # YOUR CODE HERE
    return dx, dprev_h, dWx, dWh, db
