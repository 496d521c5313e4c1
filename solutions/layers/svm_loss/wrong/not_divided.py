# expected: loss=passed; dx=failed
import numpy as np


def svm_loss(x, y):
    loss, dx = None, None
    n = len(y)
    rows = np.arange(n)
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = margins.sum() / n
    dx = (margins > 0) * 1.0
    dx[rows, y] = -dx.sum(axis=1)
    return loss, dx
