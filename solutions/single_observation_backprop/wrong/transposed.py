# expected: dloss_dwout=passed; dloss_dW=failed:transposed
import torch


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return g * hact, (g * wout * (h > 0))[:, None] * x
