# expected: dloss_dW=failed:accumulated-gradients; dloss_dwout=failed:accumulated-gradients; loss=passed
import torch


def training_loop(X, t, W, wout, lr, steps):
    dWs, dwouts = torch.zeros(steps, *W.shape), torch.zeros(steps, len(wout))
    total_W, total_wout = torch.zeros_like(W), torch.zeros_like(wout)
    for step in range(steps):
        h = X @ W
        hact = torch.relu(h)
        p = torch.sigmoid(hact @ wout)
        g = 2 * (p - t) * p * (1 - p)
        dW, dwout = X.T @ (g[:, None] * wout * (h > 0)), g @ hact
        total_W += dW
        total_wout += dwout
        dWs[step], dwouts[step] = total_W, total_wout
        W, wout = W - lr * dW, wout - lr * dwout
    loss = ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()
    return dWs, dwouts, loss
