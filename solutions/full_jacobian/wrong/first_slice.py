# expected: dh_dW=passed; J=failed:first-slice-only; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    H = W.shape[1]
    full = torch.einsum("d,ik->idk", x, torch.eye(H))
    return full, full[0], torch.tensordot(dloss_dh, full, dims=1)
