# expected: dloss_dprob=failed; dprob_dscore=failed; dscore_dwout=failed; dscore_dhact=failed; dhact_dh=failed; dh_dW=failed
import torch


def local_derivatives(x, t, W, wout):
    z, zh = torch.zeros(()), torch.zeros_like(wout)
    return z, z, zh, zh, zh, torch.zeros_like(W)
