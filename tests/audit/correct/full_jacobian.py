"""Correct ways to write the full Jacobian: every function here must get full marks under every secret."""

import torch


def filled_in(x, W, dloss_dh):
    H = W.shape[1]
    J = torch.zeros(H, *W.shape)
    for k in range(H):
        J[k, :, k] = x
    return J, J.sum(0), torch.tensordot(dloss_dh, J, dims=1)


def einsum(x, W, dloss_dh):
    J = torch.einsum("d,hk->hdk", x, torch.eye(W.shape[1]))
    return J, x[:, None].expand_as(W), torch.outer(x, dloss_dh)


def slices_weighted(x, W, dloss_dh):
    J = torch.diag_embed(x[:, None].expand_as(W)).movedim(-1, 0)
    return J, J.mean(0) * len(J), (J * dloss_dh[:, None, None]).sum(0)
