# expected: dh_dW=failed:slices-transposed; J=passed; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    jac = torch.zeros(H, H, D)
    for i in range(H):
        jac[i, i] = x
    J = x.reshape(-1, 1).repeat(1, H)
    return jac, J, J * dloss_dh
