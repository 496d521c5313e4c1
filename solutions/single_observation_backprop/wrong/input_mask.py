# expected: dloss_dwout=passed; dloss_dW=failed:mask-of-the-input
import torch


def single_observation_backprop(x, t, W, wout):
    hact = torch.relu(x @ W)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    return g * hact, torch.outer(x * (x > 0), g * wout)
