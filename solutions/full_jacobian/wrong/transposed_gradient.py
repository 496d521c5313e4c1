# expected: dh_dW=passed; J=passed; dloss_dW=failed:contraction-transposed
import torch


def full_jacobian(x, W, dloss_dh):
    H = W.shape[1]
    full = torch.einsum("d,ik->idk", x, torch.eye(H))
    return full, full.sum(0), dloss_dh[:, None] @ x[None, :]
