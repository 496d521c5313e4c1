# expected: dloss_dprob=passed; dprob_dscore=passed; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=failed:relu-instead-of-slope; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    dhact_dh = hact
    return 2 * (p - t), p * (1 - p), hact, wout, dhact_dh, torch.outer(x, torch.ones(W.shape[1]))
