import numpy as np


def svm_loss(x, y):
    """The mean multiclass SVM loss of scores with labels, with margin 1, and its gradient.

    Args:
        x: scores, shape (N, C)
        y: labels, whole numbers from 0 to C - 1, shape (N,)

    Returns:
        loss: a number
        dx: shape (N, C)
    """
    loss, dx = None, None
    ### BEGIN SOLUTION
    n = len(y)
    rows = np.arange(n)
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / n
    dx = (margins > 0) / n
    dx[rows, y] = -dx.sum(axis=1)
    ### END SOLUTION
    return loss, dx
