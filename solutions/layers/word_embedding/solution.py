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
    ### BEGIN SOLUTION
    out = W[x]
    cache = x, W.shape
    ### END SOLUTION
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
    ### BEGIN SOLUTION
    x, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, x, dout)
    ### END SOLUTION
    return dW
