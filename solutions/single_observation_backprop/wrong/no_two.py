# expected: dloss_dwout=failed:no-factor-two; dloss_dW=failed:no-factor-two
import torch


def single_observation_backprop(x, t, W, wout):
    h = x @ W
    hact = torch.clamp(h, min=0)
    prob = torch.sigmoid(torch.dot(hact, wout))
    error = prob - t
    delta = error * prob * (1 - prob)
    dwout = delta * hact
    dW = torch.zeros_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            if h[j] > 0:
                dW[i, j] = delta * wout[j] * x[i]
    return dwout, dW
