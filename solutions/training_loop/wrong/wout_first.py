# expected: dloss_dW=failed:updates-before-gradients; dloss_dwout=failed:updates-before-gradients; loss=failed:updates-before-gradients
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        dwout = (2 * (p - t) * p * (1 - p)) @ hact
        wout = wout - lr * dwout
        p = torch.sigmoid(hact @ wout)
        dW = X.T @ ((2 * (p - t) * p * (1 - p))[:, None] * wout * (h > 0))
        W = W - lr * dW
        dWs.append(dW)
        dwouts.append(dwout)
    prob = torch.sigmoid(torch.relu(X @ W) @ wout)
    return torch.stack(dWs), torch.stack(dwouts), torch.sum((prob - t) ** 2)
