"""A recurrent layer over a sequence: fill in rnn_forward, rnn_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def rnn_forward(x, h0, Wx, Wh, b):
    """Runs h_t = tanh(x_t @ Wx + h_(t-1) @ Wh + b) over a sequence.

    Args:
        x: a sequence of inputs, shape (N, T, D)
        h0: the first states, shape (N, H)
        Wx: shape (D, H)
        Wh: shape (H, H)
        b: shape (H,)

    Returns:
        h: the states after each step, shape (N, T, H)
        cache: whatever rnn_backward needs
    """
    h, cache = None, None
    # YOUR CODE HERE
    return h, cache


def rnn_backward(dh, cache):
    """Returns the gradients of the loss.

    Args:
        dh: the gradients that arrive at each of the states from outside, shape (N, T, H)
        cache: what rnn_forward returned

    Returns:
        dx: shape (N, T, D)
        dh0: shape (N, H)
        dWx: shape (D, H)
        dWh: shape (H, H)
        db: shape (H,)
    """
    dx, dh0, dWx, dWh, db = None, None, None, None, None
    # YOUR CODE HERE
    return dx, dh0, dWx, dWh, db
