import math

import numpy as np


def softmax_loss(x, y):
    n, c = x.shape
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(n):
        highest = max(x[i])
        weights = [math.exp(x[i, j] - highest) for j in range(c)]
        total = sum(weights)
        loss -= (x[i, y[i]] - highest - math.log(total)) / n
        for j in range(c):
            dx[i, j] = (weights[j] / total - (1.0 if j == y[i] else 0.0)) / n
    return loss, dx
