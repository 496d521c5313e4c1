# expected: dh_dW=failed:derivative-by-x; J=passed; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    full = torch.zeros(H, D, H)
    for i in range(H):
        full[i, :, i] = W[:, i]
    J = x[:, None].expand(D, H)
    return full, J, J * dloss_dh
