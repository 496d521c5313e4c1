import numpy as np


def softmax_loss_vectorized(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for row, label in zip(X, y, strict=True):
        scores = row.dot(W)
        probs = np.exp(scores - scores.max())
        probs = probs / probs.sum()
        loss -= np.log(probs[label])
        for c in range(W.shape[1]):
            dW[:, c] += (probs[c] - (c == label)) * row
    return loss / len(y) + reg * np.sum(W * W), dW / len(y) + 2 * reg * W
