# expected: dloss_dprob=passed; dprob_dscore=passed; dscore_dwout=failed:output-derivatives-swapped; dscore_dhact=failed:output-derivatives-swapped; dhact_dh=passed; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    p = torch.sigmoid(hact @ wout)
    dscore_dwout = wout
    dscore_dhact = hact
    return 2 * (p - t), p * (1 - p), dscore_dwout, dscore_dhact, (h > 0).float(), torch.outer(x, torch.ones(W.shape[1]))
