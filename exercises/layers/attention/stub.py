"""Scaled dot-product attention: fill in attention_forward, attention_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def attention_forward(q, k, v):
    """Returns softmax(q k^T / sqrt(D)) v for every sequence of a batch.

    Args:
        q: queries, shape (N, T, D)
        k: keys, shape (N, T, D)
        v: values, shape (N, T, D)

    Returns:
        out: shape (N, T, D)
        cache: whatever attention_backward needs
    """
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def attention_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, T, D)
        cache: what attention_forward returned

    Returns:
        dq: shape (N, T, D)
        dk: shape (N, T, D)
        dv: shape (N, T, D)
    """
    dq, dk, dv = None, None, None
    # YOUR CODE HERE
    return dq, dk, dv
