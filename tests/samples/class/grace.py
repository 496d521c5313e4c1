import torch


def vector_matrix_derivative(W, x):
    """dy/dW for y = xW"""
    if len(x.shape) == 1:
        return x.reshape(-1, 1).repeat(1, W.shape[1])
    for row in x:
        dy_dW = row.reshape(-1, 1).repeat(1, W.shape[1])
    return dy_dW


def batched_backward(X, t, W, wout):
    v = wout.reshape(-1, 1)
    y = t.reshape(-1, 1)
    H = X @ W
    A = torch.relu(H)
    P = torch.sigmoid(A @ v)
    dS = 2 * (P - y) * P * (1 - P)
    dv = A.T @ dS
    dA = dS @ v.T
    dA[H <= 0] = 0
    dW = X.T @ dA
    return dW, dv
