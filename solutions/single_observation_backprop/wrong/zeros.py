# expected: dloss_dwout=failed; dloss_dW=failed
import torch


def single_observation_backprop(x, t, W, wout):
    return torch.zeros_like(wout), torch.zeros_like(W)
