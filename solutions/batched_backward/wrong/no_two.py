# expected: dloss_dW=failed:no-factor-two; dloss_dwout=failed:no-factor-two
import torch


def batched_backward(X, t, W, wout):
    dW, dwout = torch.zeros_like(W), torch.zeros_like(wout)
    for i in range(X.shape[0]):
        h = X[i] @ W
        hact = torch.relu(h)
        prob = torch.sigmoid(hact @ wout)
        delta = (prob - t[i]) * prob * (1 - prob)
        dwout += delta * hact
        dW += torch.outer(X[i], delta * wout * (h > 0).float())
    return dW, dwout
