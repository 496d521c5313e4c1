# expected: one_observation=failed:derivative-by-x; batch=failed:derivative-by-x
import torch


def vector_matrix_derivative(W, x):
    dy = torch.ones(W.shape[1])
    return (W @ dy)[:, None].repeat(1, W.shape[1])
