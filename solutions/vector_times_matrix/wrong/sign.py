# expected: dloss_dv=failed:sign-flipped; dloss_dW=failed:sign-flipped
import torch


def vector_times_matrix(v, W, dloss_dy):
    return -(dloss_dy @ W.T), -torch.outer(v, dloss_dy)
