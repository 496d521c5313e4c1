# expected: dloss_dW=failed:never-updates; dloss_dwout=failed:never-updates; loss=failed:never-updates
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dWs.append(X.T @ (g[:, None] * wout * (h > 0)))
        dwouts.append(g @ hact)
        new_W = W - lr * dWs[-1]
        new_wout = wout - lr * dwouts[-1]
    prob = torch.sigmoid(torch.relu(X @ W) @ wout)
    return torch.stack(dWs), torch.stack(dwouts), ((prob - t) ** 2).sum()
