import torch


def batched_backward(X, t, W, wout):
    dW, dwout = torch.zeros_like(W), torch.zeros_like(wout)
    for n in range(len(X)):
        h = X[n] @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        delta = 2 * (prob - t[n]) * prob * (1 - prob)
        dwout += delta * hact
        for j in range(len(wout)):
            if h[j] > 0:
                dW[:, j] += delta * wout[j] * X[n]
    return dW, dwout
