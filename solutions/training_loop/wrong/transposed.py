# expected: dloss_dW=failed:transposed; dloss_dwout=passed; loss=passed
import torch


def training_loop(X, t, W, wout, lr, steps):
    a, b = [], []
    for _ in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dW = (g[:, None] * wout * (h > 0)).T @ X
        dwout = g @ hact
        a.append(dW)
        b.append(dwout)
        W, wout = W - lr * dW.T, wout - lr * dwout
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.stack(a), torch.stack(b), loss
