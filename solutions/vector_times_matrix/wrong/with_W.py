# expected: dloss_dv=passed; dloss_dW=failed:times-weights
import torch


def vector_times_matrix(v, W, dloss_dy):
    dv = torch.stack([torch.dot(row, dloss_dy) for row in W])
    dW = v[:, None] * W * dloss_dy
    return dv, dW
