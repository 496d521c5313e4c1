# expected: dloss_dwout=passed; dloss_dW=failed:no-output-weights
import torch


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    mask = (h > 0).float()
    return g * hact, g * x[:, None] * mask[None, :]
