# expected: dloss_dW=failed:no-learning-rate; dloss_dwout=failed:no-learning-rate; loss=failed:no-learning-rate
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for i in range(steps):
        h = X @ W
        hact = torch.clamp(h, min=0)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dWs.append(X.T @ (g[:, None] * wout * (h > 0)))
        dwouts.append(hact.T @ g)
        W = W - dWs[-1]
        wout = wout - dwouts[-1]
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.stack(dWs), torch.stack(dwouts), loss
