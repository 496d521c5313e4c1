# expected: dloss_dW=failed:mean-instead-of-sum; dloss_dwout=failed:mean-instead-of-sum; loss=failed:mean-instead-of-sum
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    N = len(t)
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 / N * (p - t) * p * (1 - p)
        dWs.append(X.T @ (g[:, None] * wout * (h > 0)))
        dwouts.append(g @ hact)
        W = W - lr * dWs[-1]
        wout = wout - lr * dwouts[-1]
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.stack(dWs), torch.stack(dwouts), loss
