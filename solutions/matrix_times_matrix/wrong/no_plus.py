# expected: dloss_dX=passed; dloss_dW=failed:last-observation-only
import torch


def matrix_times_matrix(X, W, dloss_dY):
    dX = torch.zeros_like(X)
    for n in range(len(X)):
        dX[n] = W @ dloss_dY[n]
        dW = torch.outer(X[n], dloss_dY[n])
    return dX, dW
