# expected: dloss_dW=passed; dloss_dwout=passed; loss=failed:loss-before-the-last-update
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        loss = ((p - t) ** 2).sum()
        g = 2 * (p - t) * p * (1 - p)
        dWs.append(X.T @ (g[:, None] * wout * (h > 0)))
        dwouts.append(g @ hact)
        W = W - lr * dWs[-1]
        wout = wout - lr * dwouts[-1]
    return torch.stack(dWs), torch.stack(dwouts), loss
