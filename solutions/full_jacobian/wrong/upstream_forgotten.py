# expected: dh_dW=passed; J=passed; dloss_dW=failed:upstream-of-ones
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    full = torch.zeros(H, D, H)
    for i in range(H):
        full[i, :, i] = x
    J = full.sum(dim=0)
    return full, J, J
