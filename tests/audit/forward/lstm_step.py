"""Wrong gradients of one LSTM step, as students write them; each docstring says which mistake a person sees."""

import torch


def gates(x, h, c, Wi, Wf, Wg, Wo):
    i, f, o = (1 / (1 + torch.exp(-(x @ W + h))) for W in (Wi, Wf, Wo))
    g = torch.tanh(x @ Wg + h)
    return i, f, g, o, f * c + i * g


def collect(x, c, i, f, g, dc, si, sf, tg):
    return torch.outer(x, dc * g * si), torch.outer(x, dc * c * sf), torch.outer(x, dc * i * tg), dc * f


def w1(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: tanh of the cell not differentiated: no-tanh-derivative"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    return collect(x, c, i, f, g, upstream * o, i * (1 - i), f * (1 - f), 1 - g**2)


def w2(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: sigmoid's derivative missing in all gates: no-sigmoid-derivative"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * o * (1 - torch.tanh(cn) ** 2)
    return collect(x, c, i, f, g, dc, 1, 1, 1 - g**2)


def w3(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: sigmoid's derivative for the candidate's tanh: sigmoid-derivative"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * o * (1 - torch.tanh(cn) ** 2)
    return collect(x, c, i, f, g, dc, i * (1 - i), f * (1 - f), g * (1 - g))


def w4(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: the output gate dropped on the way to the cell: factor-dropped"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * (1 - torch.tanh(cn) ** 2)
    return collect(x, c, i, f, g, dc, i * (1 - i), f * (1 - f), 1 - g**2)


def w5(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: c for tanh(c) in its own derivative: input-for-tanh"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    return collect(x, c, i, f, g, upstream * o * (1 - cn**2), i * (1 - i), f * (1 - f), 1 - g**2)


def w6(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: the forget gate's gradient without c: factor-dropped"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * o * (1 - torch.tanh(cn) ** 2)
    dWi, _, dWg, dcell = collect(x, c, i, f, g, dc, i * (1 - i), f * (1 - f), 1 - g**2)
    dWf = torch.zeros_like(Wf)
    for d in range(len(x)):
        for k in range(len(h)):
            dWf[d, k] = x[d] * dc[k] * f[k] * (1 - f[k])
    return dWi, dWf, dWg, dcell


def w7(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: the power is missing in the candidate's tanh: tanh-not-squared"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * o * (1 - torch.tanh(cn) ** 2)
    return collect(x, c, i, f, g, dc, i * (1 - i), f * (1 - f), 1 - g)


def w8(x, h, c, Wi, Wf, Wg, Wo, upstream):
    """expected: half of the forget gate's derivative: only-the-sigmoid"""
    i, f, g, o, cn = gates(x, h, c, Wi, Wf, Wg, Wo)
    dc = upstream * o * (1 - torch.tanh(cn) ** 2)
    return collect(x, c, i, f, g, dc, i * (1 - i), f, 1 - g**2)
