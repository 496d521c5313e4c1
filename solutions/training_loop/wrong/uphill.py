# expected: dloss_dW=failed:walks-uphill; dloss_dwout=failed:walks-uphill; loss=failed:walks-uphill
import torch


def backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return X.T @ (g[:, None] * wout * (h > 0)), g @ hact


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = [], []
    for step in range(steps):
        dW, dwout = backward(X, t, W, wout)
        W = W + lr * dW
        wout = wout + lr * dwout
        dWs.append(dW)
        dwouts.append(dwout)
    prob = torch.sigmoid(torch.relu(X @ W) @ wout)
    return torch.stack(dWs), torch.stack(dwouts), torch.sum((prob - t) ** 2)
