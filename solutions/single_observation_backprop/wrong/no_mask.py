# expected: dloss_dwout=passed; dloss_dW=failed:no-relu-mask
import torch


def single_observation_backprop(x, t, W, wout):
    hidden = torch.relu(x @ W)
    p = torch.sigmoid(hidden @ wout)
    dscore = 2 * (p - t) * p * (1 - p)
    dhidden = dscore * wout
    return dscore * hidden, x.reshape(-1, 1) @ dhidden.reshape(1, -1)
