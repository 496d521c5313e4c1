import torch


def vector_matrix_derivative(W, x):
    D, H = W.shape
    grad = torch.zeros(D, H)
    observations = [x] if x.dim() == 1 else list(x)
    for observation in observations:
        for h in range(H):
            grad[:, h] += observation
    return grad
