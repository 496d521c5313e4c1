# expected: dloss_dprob=passed; dprob_dscore=passed; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=failed:sign-instead-of-slope; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    slope = torch.ones_like(h)
    slope[h < 0] = -1
    return 2 * (p - t), p * (1 - p), hact, wout, slope, x[:, None] + torch.zeros_like(W)
