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
    ### BEGIN SOLUTION
    ai, af, ao, ag = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-a)) for a in (ai, af, ao))
    g = np.tanh(ag)
    next_c = f * prev_c + i * g
    shown = np.tanh(next_c)
    next_h = o * shown
    cache = x, prev_h, prev_c, Wx, Wh, i, f, o, g, shown
    ### END SOLUTION
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
    ### BEGIN SOLUTION
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, shown = cache
    dc = dnext_c + dnext_h * o * (1 - shown**2)
    dai = dc * g * i * (1 - i)
    daf = dc * prev_c * f * (1 - f)
    dao = dnext_h * shown * o * (1 - o)
    dag = dc * i * (1 - g**2)
    da = np.concatenate([dai, daf, dao, dag], axis=1)
    dx, dprev_h, dprev_c = da @ Wx.T, da @ Wh.T, dc * f
    dWx, dWh, db = x.T @ da, prev_h.T @ da, da.sum(axis=0)
    ### END SOLUTION
    return dx, dprev_h, dprev_c, dWx, dWh, db
