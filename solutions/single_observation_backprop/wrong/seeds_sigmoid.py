# expected: dloss_dwout=failed:sigmoid-of-one-minus-score; dloss_dW=failed:sigmoid-of-one-minus-score
import torch
from torch import sigmoid


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    out = hact @ wout
    dprob_dout = sigmoid(out) * sigmoid(1 - out)
    dloss_dout = 2 * (sigmoid(out) - t) * dprob_dout
    return dloss_dout * hact, torch.outer(x, dloss_dout * wout * (h > 0).float())
