# expected: dloss_dW=failed:mean-instead-of-sum; dloss_dwout=failed:mean-instead-of-sum
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dscore = 2 * (prob - t) * prob * (1 - prob)
    dwout = torch.mean(dscore[:, None] * hact, dim=0)
    dW = torch.mean(X[:, :, None] * (dscore[:, None] * wout * (h > 0))[:, None, :], dim=0)
    return dW, dwout
