# expected: next_h=passed; dx=passed; dprev_h=passed; dWx=passed; dWh=failed; db=passed
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h, cache = None, None
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    cache = x, prev_h, Wx, Wh, next_h
    return next_h, cache


def rnn_step_backward(dnext_h, cache):
    dx, dprev_h, dWx, dWh, db = None, None, None, None, None
    x, prev_h, Wx, Wh, next_h = cache
    dscore = dnext_h * (1 - next_h**2)
    dx, dprev_h = dscore @ Wx.T, dscore @ Wh.T
    dWx, dWh = x.T @ dscore, next_h.T @ dscore
    db = dscore.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db
