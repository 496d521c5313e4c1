# expected: dloss_dW=failed; dloss_dwout=failed; loss=failed
import torch


def training_loop(X, t, W, wout, lr, steps):
    return torch.zeros(steps, *W.shape), torch.zeros(steps, *wout.shape), torch.zeros(())
