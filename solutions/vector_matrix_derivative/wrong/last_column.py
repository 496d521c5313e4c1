# expected: one_observation=failed:only-last-column-filled; batch=failed:only-last-column-filled
import torch


def vector_matrix_derivative(W, x):
    D, H = W.shape
    x = x.view(-1, D)
    for h in range(H):
        dW = torch.zeros(D, H)
        for i in range(x.shape[0]):
            dW[:, h] += x[i]
    return dW
