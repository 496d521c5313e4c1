# expected: dloss_dW=failed:sign-flipped; dloss_dwout=failed:sign-flipped; loss=failed:sign-flipped
import torch


def training_loop(X, t, W, wout, lr, steps):
    a, b = [], []
    for _ in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (t - p) * p * (1 - p)
        a.append(X.T @ (g[:, None] * wout * (h > 0)))
        b.append(g @ hact)
        W, wout = W - lr * a[-1], wout - lr * b[-1]
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.stack(a), torch.stack(b), loss
