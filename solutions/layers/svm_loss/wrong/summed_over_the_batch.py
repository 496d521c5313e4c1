# expected: loss=failed:sum-instead-of-mean; dx=failed:sum-instead-of-mean
import numpy as np


def svm_loss(x, y):
    loss, dx = None, None
    rows = np.arange(len(y))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum()
    dx = (margins > 0).astype(float)
    dx[rows, y] = -dx.sum(axis=1)
    return loss, dx
