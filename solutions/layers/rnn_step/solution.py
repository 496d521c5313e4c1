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
    ### BEGIN SOLUTION
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    cache = x, prev_h, Wx, Wh, next_h
    ### END SOLUTION
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
    ### BEGIN SOLUTION
    x, prev_h, Wx, Wh, next_h = cache
    dscore = dnext_h * (1 - next_h**2)
    dx, dprev_h = dscore @ Wx.T, dscore @ Wh.T
    dWx, dWh = x.T @ dscore, prev_h.T @ dscore
    db = dscore.sum(axis=0)
    ### END SOLUTION
    return dx, dprev_h, dWx, dWh, db
