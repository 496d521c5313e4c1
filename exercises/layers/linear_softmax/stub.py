"""Linear classifier with softmax loss: fill in softmax_loss_vectorized and hand in this file. An output that is not done yet stays None."""

import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    """The mean softmax loss of the scores X @ W plus reg * sum(W**2), and its gradient.

    Args:
        W: weights, shape (D, C)
        X: observations in rows, shape (N, D)
        y: labels, whole numbers from 0 to C - 1, shape (N,)
        reg: how much the penalty counts, a number

    Returns:
        loss: a number
        dW: shape (D, C)
    """
    loss, dW = None, None
    # YOUR CODE HERE
    return loss, dW
