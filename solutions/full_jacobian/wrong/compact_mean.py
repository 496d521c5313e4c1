# expected: dh_dW=passed; J=failed:mean-of-slices; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    H = W.shape[1]
    full = torch.einsum("d,ik->idk", x, torch.eye(H))
    return full, full.mean(0), torch.einsum("i,idk->dk", dloss_dh, full)
