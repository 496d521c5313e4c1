# expected: dloss_dX=failed; dloss_dW=failed
import torch


def matrix_times_matrix(X, W, dloss_dY):
    return torch.zeros_like(X), torch.zeros_like(W)
