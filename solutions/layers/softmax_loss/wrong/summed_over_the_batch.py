# expected: loss=failed:sum-instead-of-mean; dx=failed:sum-instead-of-mean; large_loss=failed:sum-instead-of-mean; dx_of_large=failed:sum-instead-of-mean
import numpy as np


def softmax_loss(x, y):
    loss, dx = None, None
    n = len(y)
    shifted = x - x.max(axis=1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logprobs[np.arange(n), y].sum()
    dx = np.exp(logprobs)
    dx[np.arange(n), y] -= 1
    return loss, dx
