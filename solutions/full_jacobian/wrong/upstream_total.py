# expected: dh_dW=passed; J=passed; dloss_dW=failed:upstream-summed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    full = torch.zeros(H, D, H)
    idx = torch.arange(H)
    full[idx, :, idx] = x
    J = full.sum(0)
    return full, J, dloss_dh.sum() * J
