"""Correct ways to write the training loop: every function here must get full marks under every secret."""

import torch


def step(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    p = torch.sigmoid(a @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ a


def loss_of(X, t, W, wout):
    return ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()


def lists(X, t, W, wout, lr, steps):
    by_W, by_wout = [], []
    for _ in range(steps):
        dW, dwout = step(X, t, W, wout)
        by_W.append(dW)
        by_wout.append(dwout)
        W, wout = W - lr * dW, wout - lr * dwout
    return torch.stack(by_W), torch.stack(by_wout), loss_of(X, t, W, wout)


def buffers_in_place(X, t, W, wout, lr, steps):
    W, wout = W.clone(), wout.clone()
    by_W, by_wout = torch.empty(steps, *W.shape), torch.empty(steps, *wout.shape)
    for i in range(steps):
        by_W[i], by_wout[i] = step(X, t, W, wout)
        W -= lr * by_W[i]
        wout -= lr * by_wout[i]
    return by_W, by_wout, loss_of(X, t, W, wout)


def one_observation_at_a_time(X, t, W, wout, lr, steps):
    by_W, by_wout = [], []
    for _ in range(steps):
        parts = [step(X[n : n + 1], t[n : n + 1], W, wout) for n in range(len(X))]
        by_W.append(sum(dW for dW, _ in parts))
        by_wout.append(sum(dwout for _, dwout in parts))
        W = W + (-lr) * by_W[-1]
        wout = wout.sub(by_wout[-1], alpha=lr)
    loss = 0.0
    for n in range(len(X)):
        loss += (torch.sigmoid((X[n] @ W).clamp(min=0) @ wout) - t[n]).square()
    return torch.stack(by_W), torch.stack(by_wout), loss


def float64_inside(X, t, W, wout, lr, steps):
    X, t, W, wout = (value.double() for value in (X, t, W, wout))
    return tuple(value.float() for value in lists(X, t, W, wout, lr, steps))
