import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    """The mean softmax loss of the scores X @ W plus reg * sum(W**2), and its gradient.

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
    scores = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[rows, y]).mean() + reg * np.sum(W**2)
    dscores = probs
    dscores[rows, y] -= 1
    dW = X.T @ dscores / n + 2 * reg * W
    ### END SOLUTION
    return loss, dW
