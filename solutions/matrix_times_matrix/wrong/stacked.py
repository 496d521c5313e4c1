# expected: dloss_dX=passed; dloss_dW=failed:one-matrix-per-observation
import torch


def matrix_times_matrix(X, W, dloss_dY):
    return dloss_dY @ W.T, torch.stack([torch.outer(x, g) for x, g in zip(X, dloss_dY)])
