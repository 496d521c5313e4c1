# expected: dloss_dprob=passed; dprob_dscore=failed:sigmoid-of-one-minus-score; dscore_dwout=passed; dscore_dhact=passed; dhact_dh=passed; dh_dW=passed
import torch


def local_derivatives(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    out = hact @ wout
    prob = torch.sigmoid(out)
    dprob_dout = torch.sigmoid(out) * torch.sigmoid(1 - out)
    return 2 * (prob - t), dprob_dout, hact, wout, (h > 0).to(torch.float32), x.unsqueeze(1).repeat(1, len(wout))
