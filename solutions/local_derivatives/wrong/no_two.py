# expected: dloss_dprob=failed:no-factor-two; dprob_dscore=passed; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=passed; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    score = torch.dot(hact, wout)
    prob = torch.sigmoid(score)
    dloss_dprob = prob - t
    dprob_dscore = prob * (1 - prob)
    dhact_dh = torch.where(h > 0, 1.0, 0.0)
    dh_dW = x.reshape(-1, 1).repeat(1, W.shape[1])
    return dloss_dprob, dprob_dscore, hact, wout, dhact_dh, dh_dW
