# expected: dloss_dX=failed:one-row-for-all; dloss_dW=passed
import torch


def matrix_times_matrix(X, W, dloss_dY):
    g = dloss_dY.sum(dim=0)
    return (W @ g).repeat(X.shape[0], 1), X.T @ dloss_dY
