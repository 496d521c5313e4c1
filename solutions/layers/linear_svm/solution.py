import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    """The mean SVM loss (margin 1) of the scores X @ W plus reg * sum(W**2), and its gradient.

    Args:
        W: weights, shape (D, C)
        X: observations in rows, shape (N, D)
        y: labels, whole numbers from 0 to C - 1, shape (N,)
        reg: how much the penalty counts, a number

    Returns:
        loss: a number
        dW: shape (D, C)
    """
    loss, dW = None, None
    ### BEGIN SOLUTION
    n = len(y)
    rows = np.arange(n)
    scores = X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / n + reg * np.sum(W**2)
    dscores = (margins > 0).astype(float)
    dscores[rows, y] = -dscores.sum(axis=1)
    dW = X.T @ dscores / n + 2 * reg * W
    ### END SOLUTION
    return loss, dW
