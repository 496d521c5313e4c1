# expected: dloss_dprob=failed:sign-flipped; dprob_dscore=passed; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=passed; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    return 2 * (t - p), p * (1 - p), hact, wout, (h > 0).float(), x[:, None].expand_as(W)
