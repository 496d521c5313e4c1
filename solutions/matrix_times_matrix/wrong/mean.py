# expected: dloss_dX=passed; dloss_dW=failed:mean-instead-of-sum
import torch


def matrix_times_matrix(X, W, dloss_dY):
    N = X.shape[0]
    return dloss_dY @ W.T, torch.matmul(X.T, dloss_dY) / N
