# expected: dloss_dW=failed; dloss_dwout=failed
import torch


def batched_backward(X, t, W, wout):
    return torch.zeros_like(W), torch.zeros_like(wout)
