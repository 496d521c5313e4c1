# expected: dloss_dwout=passed; dloss_dW=failed:update-before-gradient
import torch


def single_observation_backprop(x, t, W, wout):
    lr = 0.1
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    g = 2 * (p - t) * p * (1 - p)
    dloss_dwout = g * hact
    wout = wout - lr * dloss_dwout
    dloss_dW = torch.outer(x, g * wout * (h > 0))
    return dloss_dwout, dloss_dW
