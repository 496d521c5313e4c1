import torch


def matrix_times_matrix(X, W, dloss_dY):
    dX = torch.zeros_like(X)
    dW = torch.zeros_like(W)
    for n in range(X.shape[0]):
        dX[n] = W @ dloss_dY[n]
        dW += torch.outer(X[n], dloss_dY[n])
    return dX, dW
