# expected: dloss_dv=failed:not-summed; dloss_dW=passed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return W * dloss_dy[None, :], torch.outer(v, dloss_dy)
