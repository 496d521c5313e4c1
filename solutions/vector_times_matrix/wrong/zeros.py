# expected: dloss_dv=failed; dloss_dW=failed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return torch.zeros_like(v), torch.zeros_like(W)
