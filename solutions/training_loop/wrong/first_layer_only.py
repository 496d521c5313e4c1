# expected: dloss_dW=failed:only-W-updated; dloss_dwout=failed:only-W-updated; loss=failed:only-W-updated
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dW, dwout = X.T @ (g[:, None] * wout * (h > 0)), g @ hact
        W = W - lr * dW
        dWs.append(dW)
        dwouts.append(dwout)
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return torch.stack(dWs), torch.stack(dwouts), loss
