# expected: dloss_dwout=failed:sigmoid-of-the-probability; dloss_dW=failed:sigmoid-of-the-probability
import torch


def dsigmoid(z):
    s = torch.sigmoid(z)
    return s * (1 - s)


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    g = 2 * (prob - t) * dsigmoid(prob)
    return g * hact, torch.outer(x, g * wout * (h > 0))
