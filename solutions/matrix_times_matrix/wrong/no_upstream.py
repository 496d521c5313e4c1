# expected: dloss_dX=failed:upstream-of-ones; dloss_dW=failed:upstream-of-ones
import torch


def matrix_times_matrix(X, W, dloss_dY):
    ones = torch.ones(X.shape[0], W.shape[1])
    return ones @ W.t(), X.t() @ ones
