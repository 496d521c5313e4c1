# expected: one_observation=failed:times-weights; batch=failed:times-weights
import torch


def vector_matrix_derivative(W, x):
    total = x
    if x.ndim > 1:
        total = torch.sum(x, dim=0)
    return total.view(-1, 1) * W
