# expected: dloss_dwout=failed:no-sigmoid-derivative; dloss_dW=failed:no-sigmoid-derivative
import torch


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    dscore = 2 * (p - t)
    dh = dscore * wout
    dh[h <= 0] = 0
    return dscore * hact, torch.outer(x, dh)
