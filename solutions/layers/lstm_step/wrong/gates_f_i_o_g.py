# expected: next_h=failed:gates-f-i-o-g; next_c=failed:gates-f-i-o-g; dx=failed:gates-f-i-o-g; dprev_h=failed:gates-f-i-o-g; dprev_c=failed:gates-f-i-o-g; dWx=failed:gates-f-i-o-g; dWh=failed:gates-f-i-o-g; db=failed:gates-f-i-o-g
import numpy as np


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    next_h, next_c, cache = None, None, None
    af, ai, ao, ag = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-a)) for a in (ai, af, ao))
    g = np.tanh(ag)
    next_c = f * prev_c + i * g
    shown = np.tanh(next_c)
    next_h = o * shown
    cache = x, prev_h, prev_c, Wx, Wh, i, f, o, g, shown
    return next_h, next_c, cache


def lstm_step_backward(dnext_h, dnext_c, cache):
    dx, dprev_h, dprev_c, dWx, dWh, db = None, None, None, None, None, None
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, shown = cache
    dc = dnext_c + dnext_h * o * (1 - shown**2)
    dai = dc * g * i * (1 - i)
    daf = dc * prev_c * f * (1 - f)
    dao = dnext_h * shown * o * (1 - o)
    dag = dc * i * (1 - g**2)
    da = np.concatenate([daf, dai, dao, dag], axis=1)
    dx, dprev_h, dprev_c = da @ Wx.T, da @ Wh.T, dc * f
    dWx, dWh, db = x.T @ da, prev_h.T @ da, da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
