# expected: dscore_dW=passed; dscore_dwout=failed:before-relu
import torch


def score_gradient(X, W, wout):
    h = X @ W
    return X.T @ (wout * (h > 0)), h.sum(0)
