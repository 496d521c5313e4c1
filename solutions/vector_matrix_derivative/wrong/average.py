# expected: one_observation=passed; batch=failed:mean-instead-of-sum
import torch


def vector_matrix_derivative(W, x):
    xs = torch.atleast_2d(x)
    return torch.mean(xs, dim=0).unsqueeze(1).expand(-1, W.size(1))
