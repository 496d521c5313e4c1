# expected: one_observation=failed; batch=failed
import torch


def vector_matrix_derivative(W, x):
    return torch.zeros(W.shape)
