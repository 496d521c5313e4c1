# expected: dloss_dW=errored:everything-multiplied; dloss_dwout=errored
import torch
from torch import sigmoid
from torch.nn.functional import relu


def vector_matrix_derivative(W, x):
    if len(x.shape) == 1:
        return x.reshape(-1, 1).repeat(1, W.shape[1])
    return torch.sum(x, dim=0).reshape(-1, 1).repeat(1, W.shape[1])


def batched_backward(X, t, W, wout):
    H = X @ W
    dH_dW = vector_matrix_derivative(W, X)
    Hact = relu(H)
    dHact_dH = (H > 0).to(torch.float32)
    score = Hact @ wout
    dscore_dHact = vector_matrix_derivative(Hact, wout)
    prob = sigmoid(score)
    dprob_dscore = sigmoid(score) * (1 - sigmoid(score))
    dloss_dprob = 2 * (prob - t)
    dloss_dwout = torch.sum((dloss_dprob * dprob_dscore * Hact.T).T, dim=0)
    dloss_dW = dloss_dprob * dprob_dscore * dscore_dHact * dHact_dH * dH_dW
    return dloss_dW, dloss_dwout
