# expected: loss=failed:squared-hinge; dW=failed:squared-hinge
import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    loss, dW = None, None
    n = len(y)
    rows = np.arange(n)
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = (margins**2).sum() / n + reg * np.sum(W**2)
    dscores = 2 * margins
    dscores[rows, y] = -dscores.sum(axis=1)
    dW = X.T @ dscores / n + 2 * reg * W
    return loss, dW
