# expected: dloss_dprob=passed; dprob_dscore=passed; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=passed; dh_dW=failed:transposed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    return 2 * (p - t), p * (1 - p), hact, wout, (h > 0).float(), x.repeat(W.shape[1], 1)
