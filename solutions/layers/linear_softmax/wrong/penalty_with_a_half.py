# expected: loss=failed:penalty-with-a-half; dW=failed:penalty-with-a-half
import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    loss, dW = None, None
    n = len(y)
    rows = np.arange(n)
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[rows, y]).mean() + 0.5 * reg * np.sum(W**2)
    dscores = probs
    dscores[rows, y] -= 1
    dW = X.T @ dscores / n + reg * W
    return loss, dW
