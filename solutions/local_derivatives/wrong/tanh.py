# expected: dloss_dprob=passed; dprob_dscore=failed:tanh-derivative; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=passed; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    return 2 * (p - t), 1 - p ** 2, hact, wout, (h > 0).float(), x[:, None] + torch.zeros_like(W)
