# expected: one_observation=failed:one-column; batch=failed:one-column
import torch


def vector_matrix_derivative(W, x):
    # broadcasts over the columns of W anyway
    return torch.atleast_2d(x).sum(dim=0, keepdim=True).T
