import numpy as np


def softmax_loss(x, y):
    """The mean cross-entropy of scores with labels, and its gradient.

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
    shifted = x - x.max(axis=1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logprobs[np.arange(n), y].mean()
    dx = np.exp(logprobs)
    dx[np.arange(n), y] -= 1
    dx /= n
    ### END SOLUTION
    return loss, dx
