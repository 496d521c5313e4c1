import torch


def vector_matrix_derivative(W, x):
    X = torch.atleast_2d(x)
    upstream = torch.ones(X.shape[0], W.shape[1])
    return X.T @ upstream
