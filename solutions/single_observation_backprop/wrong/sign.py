# expected: dloss_dwout=failed:sign-flipped; dloss_dW=failed:sign-flipped
import torch


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (t - p) * p * (1 - p)
    return g * hact, x[:, None] * (g * wout * (h > 0))
