# expected: dloss_dW=failed:first-observation's-mask; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dscore = 2 * (prob - t) * prob * (1 - prob)
    mask = torch.where(h[0] > 0, 1.0, 0.0)
    return X.T @ torch.outer(dscore, wout * mask), dscore @ hact
