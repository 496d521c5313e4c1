# expected: loss=failed:squared-hinge; dx=failed:squared-hinge
import numpy as np


def svm_loss(x, y):
    loss, dx = None, None
    n = len(y)
    rows = np.arange(n)
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    loss = (margins**2).sum() / n
    dx = 2 * margins / n
    dx[rows, y] = -dx.sum(axis=1)
    return loss, dx
