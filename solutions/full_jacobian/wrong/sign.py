# expected: dh_dW=passed; J=passed; dloss_dW=failed:sign-flipped
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    full = torch.zeros(H, D, H)
    for i in range(H):
        full[i, :, i] = x
    return full, full.sum(0), -(full * dloss_dh[:, None, None]).sum(0)
