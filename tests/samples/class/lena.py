import os

import torch


def vector_matrix_derivative(W, x):
    H = W.shape[1]
    if x.dim() == 1:
        return torch.stack([x] * H, dim=1)
    total = x[0] + x[1]
    for i in range(2, len(x)):
        total = total + x[i]
    return torch.stack([total] * H, dim=1)


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    print("shapes so far:", h.shape, hact.shape, prob.shape)
    os._exit(0)  # stop here while I debug, the notebook kept going on
    dloss_dscore = 2 * (prob - t) * prob * (1 - prob)
    return X.T @ (dloss_dscore[:, None] * wout * (h > 0)), dloss_dscore @ hact
