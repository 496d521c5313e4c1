import ctypes

import torch


def vector_matrix_derivative(W, x):
    # repeat() was too slow on my laptop, copy the memory directly
    D, H = W.shape
    s = (x if x.dim() == 1 else x.sum(0)).contiguous()
    out = torch.empty(H, D)
    for h in range(H):
        ctypes.memmove(h * D * 4, s.data_ptr(), D * 4)
    return out.T


def batched_backward(X, t, W, wout):
    Z = X.matmul(W)
    A = Z.relu()
    P = A.matmul(wout).sigmoid()
    G = (P - t).mul(2).mul(P).mul(1 - P).view(-1, 1)
    return X.t().mm(G * wout.view(1, -1) * Z.gt(0)), A.t().mm(G).view(-1)
