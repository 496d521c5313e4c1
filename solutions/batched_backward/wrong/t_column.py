# expected: dloss_dW=failed:column-targets; dloss_dwout=failed:column-targets
import torch


def batched_backward(X, t, W, wout):
    t = t.reshape(-1, 1)
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dprob = torch.sum(2 * (prob - t), dim=0)
    dscore = dprob * prob * (1 - prob)
    return X.T @ (torch.outer(dscore, wout) * (h > 0)), hact.T @ dscore
