"""Word embedding: fill in word_embedding_forward, word_embedding_backward and hand in this file. An output that is not done yet stays None."""

import numpy as np


def word_embedding_forward(x, W):
    """Looks words up in a table.

    Args:
        x: words, whole numbers from 0 to V - 1, shape (N, T)
        W: the table, one row for each word, shape (V, D)

    Returns:
        out: shape (N, T, D)
        cache: whatever word_embedding_backward needs
    """
    out, cache = None, None
    # YOUR CODE HERE
    return out, cache


def word_embedding_backward(dout, cache):
    """Returns the gradient of the loss; a word that occurs several times collects several gradients.

    Args:
        dout: the gradient that arrives at out, shape (N, T, D)
        cache: what word_embedding_forward returned

    Returns:
        dW: shape (V, D)
    """
    dW = None
    # YOUR CODE HERE
    return dW
