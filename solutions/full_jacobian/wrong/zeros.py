# expected: dh_dW=failed; J=failed; dloss_dW=failed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    return torch.zeros(H, D, H), torch.zeros(D, H), torch.zeros(D, H)
