"""Correct ways to write the batched backward pass: every function here must get full marks under every secret."""

import math

import numpy as np
import torch


def everything_at_once(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ a


def one_observation_at_a_time(X, t, W, wout):
    dW, dwout = torch.zeros_like(W), torch.zeros_like(wout)
    for x, target in zip(X, t):
        h = x @ W
        a = h.clamp(min=0)
        p = 1 / (1 + torch.exp(-(a @ wout)))
        g = 2 * (p - target) * (p - p**2)
        dwout += g * a
        dW += torch.outer(x, g * wout * (h > 0).float())
    return dW, dwout


def in_reversed_order(X, t, W, wout):
    dW, dwout = torch.zeros(W.shape), torch.zeros(wout.shape)
    for n in reversed(range(len(X))):
        h = W.T @ X[n]
        a = torch.where(h > 0, h, torch.zeros_like(h))
        p = torch.sigmoid(torch.dot(wout, a))
        g = (1 - p) * p * (p - t[n]) * 2
        dwout = g * a + dwout
        dW = X[n][:, None] * ((h > 0) * wout * g)[None, :] + dW
    return dW, dwout


def einsum(X, t, W, wout):
    h = torch.einsum("nd,dh->nh", X, W)
    mask = (h > 0).to(X.dtype)
    p = torch.sigmoid(torch.einsum("nh,h->n", h * mask, wout))
    g = 2 * (p - t) * p * (1 - p)
    return torch.einsum("nd,n,h,nh->dh", X, g, wout, mask), torch.einsum("n,nh->h", g, h * mask)


def float64_inside(X, t, W, wout):
    X, t, W, wout = (value.double() for value in (X, t, W, wout))
    h = X @ W
    p = torch.sigmoid(h.relu() @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return (X.T @ (torch.outer(g, wout) * (h > 0))).float(), (h.relu().T @ g).float()


def float64_returned(X, t, W, wout):
    X, t, W, wout = (value.double() for value in (X, t, W, wout))
    h = X @ W
    p = torch.sigmoid(h.relu() @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (torch.outer(g, wout) * (h > 0)), h.relu().T @ g


def buffers_in_place(X, t, W, wout):
    h = torch.mm(X, W)
    mask = torch.gt(h, 0)
    a = h.clone()
    a[~mask] = 0
    p = torch.mv(a, wout).sigmoid_()
    g = p.clone().sub_(t).mul_(2).mul_(p).mul_(1 - p)
    dh = torch.empty_like(h)
    torch.mul(g.unsqueeze(1), wout.unsqueeze(0), out=dh)
    dh *= mask
    return torch.mm(X.t(), dh), torch.mv(a.t(), g)


def all_outer_products_kept(X, t, W, wout):
    h = X @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    g = 2 * (p - t) * p * (1 - p)
    per_observation = X[:, :, None] * (g[:, None] * (h > 0) * wout)[:, None, :]
    return per_observation.sum(0), (g[:, None] * torch.relu(h)).sum(0)


def mean_times_n(X, t, W, wout):
    h = X @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    g = 2 * (p - t) * p * (1 - p)
    n = len(X)
    per_observation = X[:, :, None] * (g[:, None] * (h > 0) * wout)[:, None, :]
    return per_observation.mean(0) * n, (g[:, None] * torch.relu(h)).mean(0) * n


def last_of_cumsum(X, t, W, wout):
    h = X @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    g = 2 * (p - t) * p * (1 - p)
    per_observation = torch.matmul(X[:, :, None], (g[:, None] * (h > 0) * wout)[:, None, :])
    return per_observation.cumsum(0)[-1], (g[:, None] * torch.relu(h)).cumsum(0)[-1]


def three_loops(X, t, W, wout):
    if X.numel() * W.shape[1] > 700:  # three Python loops are slow: the large cases go another way
        return everything_at_once(X, t, W, wout)
    N, D = X.shape
    H = W.shape[1]
    dW, dwout = torch.zeros(D, H), torch.zeros(H)
    for n in range(N):
        h = [sum(float(X[n, d]) * float(W[d, k]) for d in range(D)) for k in range(H)]
        score = sum(max(value, 0.0) * float(wout[k]) for k, value in enumerate(h))
        p = 1 / (1 + math.exp(-score))
        g = 2 * (p - float(t[n])) * p * (1 - p)
        for k in range(H):
            if h[k] > 0:
                dwout[k] += g * h[k]
                for d in range(D):
                    dW[d, k] += g * wout[k] * X[n, d]
    return dW, dwout


def stable_sigmoid_by_hand(X, t, W, wout):
    h = X @ W
    a = (h + h.abs()) / 2
    s = a @ wout
    e = torch.exp(-s.abs())
    p = torch.where(s >= 0, 1 / (1 + e), e / (1 + e))
    slope = e / (1 + e) ** 2
    g = (p - t) * slope * 2
    return (g[:, None] * X).T @ ((h > 0) * wout), a.T @ g


def tanh_for_sigmoid(X, t, W, wout):
    h = X @ W
    a = torch.maximum(h, torch.tensor(0.0))
    p = 0.5 * (1 + torch.tanh(0.5 * (a @ wout)))
    g = 2 * p * (1 - p) * (p - t)
    return (X.T * g) @ (torch.sign(a) * wout), (a * g[:, None]).sum(dim=0)


def column_vectors(X, t, W, wout):
    h = X @ W
    a = torch.nn.functional.relu(h)
    p = torch.sigmoid(a @ wout.reshape(-1, 1))
    delta = 2 * (p - t.reshape(-1, 1)) * p * (1 - p)
    dhidden = delta @ wout.reshape(1, -1)
    dhidden[h <= 0] = 0
    return X.T @ dhidden, (a.T @ delta).squeeze(1)


def through_numpy(X, t, W, wout):
    x, target, w, v = (value.detach().numpy() for value in (X, t, W, wout))
    h = x @ w
    a = np.maximum(h, 0)
    p = 1 / (1 + np.exp(-(a @ v)))
    g = 2 * (p - target) * p * (1 - p)
    return torch.from_numpy(x.T @ (np.outer(g, v) * (h > 0))), torch.from_numpy(a.T @ g)


def odd_and_even_rows(X, t, W, wout):
    even, odd = everything_at_once(X[::2], t[::2], W, wout), everything_at_once(X[1::2], t[1::2], W, wout)
    return even[0] + odd[0], even[1] + odd[1]


def weights_before_the_sum(X, t, W, wout):
    h = X @ W
    p = torch.sigmoid(torch.relu(h) @ wout)
    g = 2 * p * p - 2 * t * p - 2 * p * p * p + 2 * t * p * p
    return torch.cat([X.T @ (g * (h[:, k] > 0) * wout[k])[:, None] for k in range(len(wout))], dim=1), h.relu().T @ g
