# expected: dloss_dv=failed:upstream-of-ones; dloss_dW=failed:upstream-of-ones
import torch


def vector_times_matrix(v, W, dloss_dy):
    return torch.sum(W, dim=1), v.reshape(-1, 1).repeat(1, W.shape[1])
