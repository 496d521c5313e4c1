# expected: loss=failed:penalty-with-a-half; dW=failed:penalty-with-a-half
import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    loss, dW = None, None
    n = len(y)
    rows = np.arange(n)
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / n + 0.5 * reg * np.sum(W**2)
    dscores = (margins > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    dW = X.T @ dscores / n + reg * W
    return loss, dW
