# expected: dloss_dX=failed:observations-summed; dloss_dW=passed
import torch


def matrix_times_matrix(X, W, dloss_dY):
    return torch.sum(dloss_dY @ W.T, dim=0), X.T @ dloss_dY
