# expected: one_observation=passed; batch=failed:last-row-only
import torch


def vector_matrix_derivative(W, x):
    grad = torch.zeros_like(W)
    if len(x.shape) == 1:
        x = x.unsqueeze(0)
    for row in x:
        for j in range(W.shape[1]):
            grad[:, j] = row
    return grad
