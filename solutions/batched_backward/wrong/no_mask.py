# expected: dloss_dW=failed:no-relu-mask; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    hact = torch.relu(X @ W)
    prob = torch.sigmoid(hact @ wout)
    dscore = (2 * (prob - t) * prob * (1 - prob)).reshape(-1, 1)
    dhact = dscore @ wout.reshape(1, -1)
    return X.T @ dhact, (dscore * hact).sum(dim=0)
