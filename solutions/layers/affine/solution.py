import numpy as np


def affine_forward(x, w, b):
    """Returns out = rows @ w + b, where each row is one observation of x, flattened.

    Args:
        x: observations, shape (N, d_1, ..., d_k)
        w: weights, shape (D, M) with D = d_1 * ... * d_k
        b: biases, shape (M,)

    Returns:
        out: shape (N, M)
        cache: whatever affine_backward needs
    """
    out, cache = None, None
    ### BEGIN SOLUTION
    out = x.reshape(len(x), -1) @ w + b
    cache = x, w
    ### END SOLUTION
    return out, cache


def affine_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, M)
        cache: what affine_forward returned

    Returns:
        dx: shape of x
        dw: shape (D, M)
        db: shape (M,)
    """
    dx, dw, db = None, None, None
    ### BEGIN SOLUTION
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(len(x), -1).T @ dout
    db = np.sum(dout, axis=0)
    ### END SOLUTION
    return dx, dw, db
