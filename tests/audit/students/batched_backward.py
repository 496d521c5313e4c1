"""Wrong batched backward passes, as students write them; each docstring says which misconceptions are mixed in."""

import numpy as np
import torch
import torch.nn.functional as F


def s01(X, t, W, wout):
    """expected: no-factor-two"""
    N, D = X.shape
    H = W.shape[1]
    dW = torch.zeros(D, H)
    dwout = torch.zeros(H)
    for n in range(N):
        hidden = X[n] @ W
        act = hidden.clamp(min=0)
        p = torch.sigmoid((act * wout).sum())
        delta = (p - t[n]) * p * (1 - p)
        dwout += delta * act
        for j in range(H):
            if hidden[j] > 0:
                dW[:, j] += delta * wout[j] * X[n]
    return dW, dwout


def s02(X, t, W, wout):
    """expected: sign-flipped"""
    z = torch.einsum("nd,dh->nh", X, W)
    a = F.relu(z)
    y = torch.sigmoid(torch.einsum("nh,h->n", a, wout))
    err = t - y
    grad_out = 2 * err * (y - y * y)
    grad_wout = (grad_out.unsqueeze(1) * a).sum(dim=0)
    grad_z = torch.outer(grad_out, wout)
    grad_z[z <= 0] = 0
    return torch.einsum("nd,nh->dh", X, grad_z), grad_wout


def s03(X, t, W, wout):
    """expected: no-relu-mask"""
    z1 = X.matmul(W)
    a1 = torch.maximum(z1, torch.zeros_like(z1))
    z2 = a1.matmul(wout)
    a2 = 1 / (1 + torch.exp(-z2))
    dz2 = 2 * (a2 - t) * a2 * (1 - a2)
    dwout = a1.t().matmul(dz2)
    da1 = dz2.reshape(-1, 1) @ wout.reshape(1, -1)
    dW = X.t().matmul(da1)
    return dW, dwout


def s04(X, t, W, wout):
    """expected: mean-instead-of-sum"""
    n_samples = X.size(0)
    h = X @ W
    mask = (h > 0).float()
    hact = h * mask
    prob = torch.sigmoid(hact @ wout)
    d = 2.0 / n_samples * (prob - t) * prob * (1.0 - prob)
    return X.T @ (d.view(-1, 1) * wout.view(1, -1) * mask), hact.T @ d


def s05(X, t, W, wout):
    """expected: no-sigmoid-derivative"""
    h = torch.mm(X, W)
    hact = torch.relu(h)
    prob = torch.sigmoid(torch.mv(hact, wout))
    dscore = 2 * prob - 2 * t
    gwout = sum(dscore[i] * hact[i] for i in range(len(X)))
    gW = sum(torch.outer(X[i], dscore[i] * wout * (h[i] > 0)) for i in range(len(X)))
    return gW, gwout


def s06(X, t, W, wout):
    """expected: sigmoid-of-the-probability"""

    def dsigmoid(v):
        s = torch.sigmoid(v)
        return s * (1 - s)

    h = X @ W
    hact = torch.where(h > 0, h, torch.zeros_like(h))
    prob = torch.sigmoid(hact @ wout)
    upstream = 2 * (prob - t) * dsigmoid(prob)
    dwout = upstream @ hact
    dh = upstream[:, None] * wout[None, :]
    dh = torch.where(h > 0, dh, torch.zeros_like(dh))
    return X.T @ dh, dwout


def s07(X, t, W, wout):
    """expected: tanh-derivative"""
    h = X @ W
    r = h.relu()
    p = (r @ wout).sigmoid()
    e = p - t
    ds = e * 2 * (1 - p.pow(2))
    dwout = torch.matmul(ds, r)
    back = ds.unsqueeze(-1) * wout.unsqueeze(0) * torch.heaviside(h, torch.tensor(0.0))
    return torch.matmul(X.transpose(0, 1), back), dwout


def s08(X, t, W, wout):
    """expected: cross-entropy-derivative"""
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    delta = p - t
    dwout = torch.tensordot(delta, a, dims=1)
    dW = torch.zeros_like(W)
    for i in range(X.shape[0]):
        dW = dW + torch.outer(X[i], wout * delta[i] * (h[i] > 0).float())
    return dW, dwout


def s09(X, t, W, wout):
    """expected: before-relu"""
    pre = X @ W
    post = torch.relu(pre)
    yhat = torch.sigmoid(post @ wout)
    g = 2 * (yhat - t) * yhat * (1 - yhat)
    dwout = pre.T @ g
    dpre = torch.outer(g, wout) * (pre > 0)
    return X.T @ dpre, dwout


def s10(X, t, W, wout):
    """expected: no-output-weights"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dwout = g @ hact
    active = (hact > 0).float()
    dW = X.T @ (active * g[:, None])
    return dW, dwout


def s11(X, t, W, wout):
    """expected: relu-instead-of-slope"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dW = torch.zeros_like(W)
    for n in range(len(X)):
        for d in range(W.shape[0]):
            for k in range(W.shape[1]):
                dW[d, k] += g[n] * wout[k] * hact[n, k] * X[n, d]
    return dW, (g[:, None] * hact).sum(0)


def s12(X, t, W, wout):
    """expected: mask-of-the-weights"""
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    back = wout.clone()
    back[wout <= 0] = 0
    return X.T @ torch.outer(g, back), g @ a


def s13(X, t, W, wout):
    """expected: last-observation-only"""
    for i in range(X.shape[0]):
        x = X[i]
        h = x @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        g = 2 * (prob - t[i]) * prob * (1 - prob)
        dwout = g * hact
        dW = torch.outer(x, g * wout * (h > 0))
    return dW, dwout


def s14(X, t, W, wout):
    """expected: transposed"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    delta = 2 * (prob - t) * prob * (1 - prob)
    dwout = hact.T @ delta
    dh = torch.outer(delta, wout) * (h > 0)
    dW = torch.einsum("nh,nd->hd", dh, X)
    return dW, dwout


def s15(X, t, W, wout):
    """expected: results-swapped"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    delta = 2 * (prob - t) * prob * (1 - prob)
    dloss_dwout = delta @ hact
    dloss_dW = X.T @ (delta[:, None] * wout * (h > 0))
    return dloss_dwout, dloss_dW


def s16(X, t, W, wout):
    """expected: wout-as-column"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout.reshape(-1, 1))
    delta = 2 * (prob - t.reshape(-1, 1)) * prob * (1 - prob)
    dwout = hact.T @ delta
    dW = X.T @ ((delta @ wout.reshape(1, -1)) * (h > 0))
    return dW, dwout


def s17(X, t, W, wout):
    """expected: not-summed-over-the-batch"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    delta = 2 * (prob - t) * prob * (1 - prob)
    dwout = torch.stack([delta[n] * hact[n] for n in range(len(delta))])
    dW = torch.stack([torch.outer(X[n], delta[n] * wout * (h[n] > 0)) for n in range(len(delta))]).sum(0)
    return dW, dwout


def s18(X, t, W, wout):
    """expected: column-targets"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    t = t.view(-1, 1)
    diff = prob - t
    dprob = 2 * diff.sum(dim=0)
    g = dprob * prob * (1 - prob)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ hact


def s19(X, t, W, wout):
    """expected: integer-targets"""
    target = t.to(torch.int64)
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - target) * prob * (1 - prob)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ hact


def s20(X, t, W, wout):
    """expected: leaky-slope"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    slope = torch.ones_like(h)
    slope[h < 0] = 0.01
    return X.T @ (g[:, None] * wout * slope), g @ hact


def s21(X, t, W, wout):
    """expected: relu-on-the-gradient"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dhact = torch.outer(g, wout)
    dh = F.relu(dhact) * (h > 0)
    return X.T @ dh, g @ hact


def s22(X, t, W, wout):
    """expected: outer-product-of-sums"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dh = (g[:, None] * wout * (h > 0)).sum(0)
    x = X.sum(0)
    return x[:, None] * dh[None, :], g @ hact


def s23(X, t, W, wout):
    """expected: mask-of-the-input"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    Xm = X * (X > 0)
    return Xm.T @ torch.outer(g, wout), g @ hact


def s24(X, t, W, wout):
    """expected: loss-as-its-own-derivative"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dloss = torch.square(prob - t)
    g = dloss * prob * (1 - prob)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ hact


def s25(X, t, W, wout):
    """expected: update-before-gradient"""
    lr = 0.1
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dwout = g @ hact
    new_wout = wout - lr * dwout
    dh = torch.outer(g, new_wout) * (h > 0)
    return X.T @ dh, dwout


def s26(X, t, W, wout):
    """expected: mask-of-the-summed-batch"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dW = X.T @ torch.outer(g, wout)
    dW[:, h.sum(0) <= 0] = 0
    return dW, g @ hact


def s27(X, t, W, wout):
    """expected: only-the-probability"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob
    dW = X.T @ (torch.outer(g, wout) * torch.gt(h, 0).float())
    return dW, hact.T @ g


def s28(X, t, W, wout):
    """expected: score-for-probability"""
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    g = 2 * (prob - t) * (score - score**2)
    dW = X.T @ (torch.outer(g, wout) * torch.gt(h, 0).float())
    return dW, hact.T @ g


def s29(X, t, W, wout):
    """expected: relu-skipped"""
    hidden = X @ W
    prob = torch.sigmoid(hidden @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dwout = hidden.T @ g
    dh = torch.outer(g, wout)
    dh[hidden <= 0] = 0.0
    return X.T @ dh, dwout


def s30(X, t, W, wout):
    """expected: absolute-error"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = torch.abs(prob - t) * prob * (1 - prob) * 2
    return X.T @ (torch.outer(g, wout) * (h > 0)), g @ hact


def s31(X, t, W, wout):
    """expected: no-input"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    per_unit = (torch.outer(g, wout) * (h > 0)).sum(0)
    dW = per_unit.repeat(W.shape[0], 1)
    return dW, g @ hact


def s32(X, t, W, wout):
    """expected: first-observation's-mask"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    active = h[0] > 0
    dW = torch.zeros_like(W)
    for n in range(X.shape[0]):
        dW[:, active] += torch.outer(X[n], g[n] * wout[active])
    return dW, g @ hact


def s33(X, t, W, wout):
    """expected: reshaped-instead-of-transposed"""
    D, H = W.shape
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dh = torch.outer(g, wout) * (h > 0)
    grad = torch.zeros(H, D)
    for n in range(len(X)):
        grad += torch.outer(dh[n], X[n])
    return grad.reshape(D, H), g @ hact


def s34(X, t, W, wout):
    """expected: mask-summed-first"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dHact_dH = (h > 0).float().sum(0)
    dW = torch.outer(X.T @ g, wout * dHact_dH)
    return dW, g @ hact


def s35(X, t, W, wout):
    """expected: half-precision"""
    X, t, W, wout = X.half(), t.half(), W.half(), wout.half()
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    return (X.T @ (torch.outer(g, wout) * (h > 0))).float(), (g @ hact).float()


def s36(X, t, W, wout):
    """expected: wout-as-its-own-derivative"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dwout = torch.zeros_like(wout)
    for n in range(len(g)):
        dwout += g[n] * wout
    return X.T @ (torch.outer(g, wout) * (h > 0)), dwout

def s37(X, t, W, wout):
    """expected: wout-as-row"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = (2 * (prob - t) * prob * (1 - prob)).unsqueeze(1)
    dwout = (g * hact).sum(dim=0, keepdim=True)
    return (X.unsqueeze(2) * (g * wout * (h > 0)).unsqueeze(1)).sum(dim=0), dwout


def s38(X, t, W, wout):
    """expected: last-observation-only"""
    dwout = torch.zeros_like(wout)
    for i in range(X.shape[0]):
        h = X[i] @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        g = 2 * (prob - t[i]) * prob * (1 - prob)
        dwout += g * hact
        dW = torch.outer(X[i], g * wout * (h > 0))
    return dW, dwout


def s39(X, t, W, wout):
    """expected: batch-summed-first"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    weighted = sum(g[n] * X[n] for n in range(len(X)))
    return torch.outer(weighted, wout) * (hact > 0), g @ hact


def s40(X, t, W, wout):
    """expected: mask-of-any-observation"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dead = (h <= 0).all(dim=0)
    dh = torch.outer(g, wout)
    dh[:, dead] = 0
    return torch.einsum("nd,nh->dh", X, dh), g @ hact


def s41(X, t, W, wout):
    """expected: sigmoid-of-one-minus-score"""
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    g = 2 * (prob - t) * prob * (1 / (1 + torch.exp(score - 1)))
    return X.T @ (torch.outer(g, wout) * (h > 0)), g @ hact


def s42(X, t, W, wout):
    """expected: leaky-slope"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    return X.T @ (torch.outer(g, wout) * torch.where(h > 0, 1.0, 0.1)), g @ hact


def s43(X, t, W, wout):
    """expected: update-before-gradient"""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * prob * (1 - prob)
    dwout = g @ hact
    wout = wout - 0.01 * dwout
    return X.T @ (torch.outer(g, wout) * (h > 0)), dwout


def s44(X, t, W, wout):
    """expected: mean-instead-of-sum"""
    N = X.shape[0]
    dW, dwout = 0, 0
    for n in range(N):
        h = X[n] @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        g = 2 * (prob - t[n]) * prob * (1 - prob)
        dwout = dwout + g * hact
        dW = dW + X[n][:, None] @ (g * wout * (h > 0))[None]
    return dW / N, dwout / N



def d01(X, t, W, wout):
    """expected: no-factor-two + no-relu-mask"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = (p - t) * p * (1 - p)
    dW = torch.zeros_like(W)
    for i in range(len(X)):
        dW += X[i].reshape(-1, 1) @ (dz[i] * wout).reshape(1, -1)
    return dW, a.T @ dz


def d02(X, t, W, wout):
    """expected: sign-flipped + before-relu"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = -2 * (p - t) * p * (1 - p)
    return X.T @ (torch.outer(dz, wout) * (z > 0)), z.T @ dz


def d03(X, t, W, wout):
    """expected: mean-instead-of-sum + no-relu-mask"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t) * p * (1 - p)
    dW = (X[:, :, None] * (dz[:, None] * wout)[:, None, :]).mean(0)
    dwout = (a * dz[:, None]).mean(0)
    return dW, dwout


def d04(X, t, W, wout):
    """expected: no-sigmoid-derivative + transposed"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t)
    dh = torch.outer(dz, wout) * (z > 0)
    return dh.T.matmul(X), dz @ a


def d05(X, t, W, wout):
    """expected: tanh-derivative + no-output-weights"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t) * (1 - p**2)
    dh = dz[:, None] * (z > 0)
    return X.T @ dh, a.T @ dz


def d06(X, t, W, wout):
    """expected: no-factor-two + mask-of-the-weights"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = (p - t) * p * (1 - p)
    dh = dz[:, None] * torch.where(wout > 0, wout, 0 * wout)
    return X.T @ dh, a.T @ dz


def d07(X, t, W, wout):
    """expected: sigmoid-of-the-probability + mean-instead-of-sum"""
    N = len(X)
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    pp = torch.sigmoid(p)
    dz = 2 * (p - t) * pp * (1 - pp) / N
    return X.T @ (torch.outer(dz, wout) * (z > 0)), a.T @ dz


def d08(X, t, W, wout):
    """expected: before-relu + no-relu-mask"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t) * p * (1 - p)
    return X.T @ torch.outer(dz, wout), z.T @ dz


def d09(X, t, W, wout):
    """expected: absolute-error + relu-instead-of-slope"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t).abs() * p * (1 - p)
    return X.T @ (torch.outer(dz, wout) * a), a.T @ dz


def d10(X, t, W, wout):
    """expected: no-factor-two + wout-as-column"""
    wcol = wout[:, None]
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wcol)
    dz = (p - t[:, None]) * p * (1 - p)
    return X.T @ (dz @ wcol.T * (z > 0)), a.T @ dz


def d11(X, t, W, wout):
    """expected: sign-flipped + results-swapped"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (t - p) * p * (1 - p)
    return a.T @ dz, X.T @ (torch.outer(dz, wout) * (z > 0))


def d12(X, t, W, wout):
    """expected: no-sigmoid-derivative + no-relu-mask"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    delta2 = 2 * (p - t)
    delta1 = delta2[:, None] @ wout[None, :]
    return X.T @ delta1, delta2 @ a


def d13(X, t, W, wout):
    """expected: cross-entropy-derivative + leaky-slope"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    delta = p - t
    slope = torch.where(z > 0, 1.0, 0.01)
    return X.T @ (delta[:, None] * wout * slope), delta @ a


def d14(X, t, W, wout):
    """expected: mean-instead-of-sum + transposed"""
    m = X.shape[0]
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t) * p * (1 - p)
    dW = (torch.outer(dz, wout) * (z > 0)).T @ X / m
    return dW, a.T @ dz / m


def d15(X, t, W, wout):
    """expected: no-factor-two + outer-product-of-sums"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = (p - t) * p * (1 - p)
    dh = torch.outer(dz, wout) * (z > 0)
    return torch.outer(X.sum(0), dh.sum(0)), dz @ a


def d16(X, t, W, wout):
    """expected: loss-as-its-own-derivative + not-summed-over-the-batch"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = (p - t) ** 2 * p * (1 - p)
    return X.T @ (torch.outer(dz, wout) * (z > 0)), a * dz[:, None]


def d17(X, t, W, wout):
    """expected: relu-skipped + no-relu-mask"""
    z = X @ W
    p = torch.sigmoid(z @ wout)
    dz = 2 * (p - t) * p * (1 - p)
    return X.T @ torch.outer(dz, wout), z.T @ dz


def d18(X, t, W, wout):
    """expected: sign-flipped + last-observation-only"""
    grads = None
    for x, y in zip(X, t):
        z = x @ W
        a = torch.relu(z)
        p = torch.sigmoid(a @ wout)
        d = 2 * (y - p) * p * (1 - p)
        grads = torch.outer(x, d * wout * (z > 0)), d * a
    return grads


def d19(X, t, W, wout):
    """expected: only-one-minus-probability + mask-of-the-input"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t) * (1 - p)
    return (X * (X > 0).float()).T @ torch.outer(dz, wout), dz @ a


def d20(X, t, W, wout):
    """expected: integer-targets + no-input"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    dz = 2 * (p - t.int()) * p * (1 - p)
    unit = (dz[:, None] * wout * (z > 0)).sum(0)
    return torch.ones(X.shape[1], 1) * unit, dz @ a


def d21(X, t, W, wout):
    """expected: column-targets + no-relu-mask"""
    z = X @ W
    a = torch.relu(z)
    p = torch.sigmoid(a @ wout)
    total = torch.zeros(len(p))
    for target in t:
        total += 2 * (p - target)
    dz = total * p * (1 - p)
    return X.T @ torch.outer(dz, wout), dz @ a


def d22(X, t, W, wout):
    """expected: no-factor-two + tanh-derivative"""
    x, w1, w2 = X.numpy(), W.numpy(), wout.numpy()
    z = x @ w1
    a = np.maximum(z, 0)
    p = 1 / (1 + np.exp(-(a @ w2)))
    dz = (p - t.numpy()) * (1 - p * p)
    dW = x.T @ (np.outer(dz, w2) * (z > 0))
    return torch.from_numpy(dW).float(), torch.from_numpy(a.T @ dz).float()
