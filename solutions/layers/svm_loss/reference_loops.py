import numpy as np


def svm_loss(x, y):
    n, c = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(n):
        for j in range(c):
            if j == y[i]:
                continue
            margin = x[i, j] - x[i, y[i]] + 1.0
            if margin > 0:
                loss += margin / n
                dx[i, j] += 1.0 / n
                dx[i, y[i]] -= 1.0 / n
    return loss, dx
