# expected: loss=failed:sum-instead-of-mean; dW=failed:sum-instead-of-mean
import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    loss, dW = None, None
    rows = np.arange(len(y))
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() + reg * np.sum(W**2)
    dscores = (margins > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    dW = X.T @ dscores + 2 * reg * W
    return loss, dW
