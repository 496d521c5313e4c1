# expected: dh_dW=failed:every-column-filled; J=passed; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    J = torch.stack([x] * H, dim=1)
    full = torch.stack([J for _ in range(H)])
    return full, J, J * dloss_dh
