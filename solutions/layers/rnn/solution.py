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
    ### BEGIN SOLUTION
    h = np.zeros((*x.shape[:2], len(b)))
    previous = h0
    for t in range(x.shape[1]):
        previous = h[:, t] = np.tanh(x[:, t] @ Wx + previous @ Wh + b)
    cache = x, h0, Wx, Wh, h
    ### END SOLUTION
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
    ### BEGIN SOLUTION
    x, h0, Wx, Wh, h = cache
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[0])
    dh0 = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        dscore = (dh[:, t] + dh0) * (1 - h[:, t] ** 2)
        previous = h[:, t - 1] if t > 0 else h0
        dx[:, t] = dscore @ Wx.T
        dWx += x[:, t].T @ dscore
        dWh += previous.T @ dscore
        db += dscore.sum(axis=0)
        dh0 = dscore @ Wh.T
    ### END SOLUTION
    return dx, dh0, dWx, dWh, db
