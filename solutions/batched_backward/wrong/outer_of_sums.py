# expected: dloss_dW=failed:outer-product-of-sums; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dscore = 2 * (prob - t) * prob * (1 - prob)
    dh = dscore.unsqueeze(1) * wout * (h > 0)
    return torch.outer(X.sum(0), dh.sum(0)), (dscore.unsqueeze(1) * hact).sum(0)
