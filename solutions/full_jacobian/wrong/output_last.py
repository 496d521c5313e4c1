# expected: dh_dW=failed:output-axis-last; J=passed; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    full = torch.zeros(D, H, H)
    for i in range(H):
        for d in range(D):
            full[d, i, i] = x[d]
    return full, full.sum(-1), full @ dloss_dh
