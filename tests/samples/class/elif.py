import torch
from torch.nn.functional import relu


def vector_matrix_derivative(W, x):
    # average gradient over the batch, so that the learning rate does not depend on N
    if x.ndim == 1:
        x = x.reshape(1, -1)
    return x.mean(dim=0).reshape(-1, 1).repeat(1, W.shape[1])


def batched_backward(X, t, W, wout):
    N = X.shape[0]
    H = X @ W
    Hact = relu(H)
    prob = torch.sigmoid(Hact @ wout)

    delta = 2 * (prob - t) * prob * (1 - prob) / N
    dloss_dwout = Hact.T @ delta
    dloss_dW = X.T @ (delta.reshape(-1, 1) * wout * (H > 0))
    return dloss_dW, dloss_dwout
