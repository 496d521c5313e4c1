# expected: dh_dW=failed:weights-flattened; J=passed; dloss_dW=passed
import torch


def full_jacobian(x, W, dloss_dh):
    D, H = W.shape
    rows = []
    for i in range(H):
        slice_ = torch.zeros(D, H)
        slice_[:, i] = x
        rows.append(slice_.flatten())
    J = x.unsqueeze(1) * torch.ones(1, H)
    return torch.stack(rows), J, torch.outer(x, dloss_dh)
