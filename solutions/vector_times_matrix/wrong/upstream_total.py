# expected: dloss_dv=failed:upstream-summed; dloss_dW=failed:upstream-summed
import torch


def vector_times_matrix(v, W, dloss_dy):
    g = dloss_dy.sum()
    dv = torch.zeros_like(v)
    for d in range(len(v)):
        dv[d] = g * W[d].sum()
    return dv, g * v[:, None].expand_as(W)
