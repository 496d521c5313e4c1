# expected: loss=passed; dx=passed; large_loss=failed; dx_of_large=failed
import numpy as np


def softmax_loss(x, y):
    loss, dx = None, None
    n = len(y)
    shifted = x - x.max()
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logprobs[np.arange(n), y].mean()
    dx = np.exp(logprobs)
    dx[np.arange(n), y] -= 1
    dx /= n
    return loss, dx
