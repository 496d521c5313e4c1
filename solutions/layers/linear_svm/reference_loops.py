import numpy as np


def svm_loss_vectorized(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for row, label in zip(X, y, strict=True):
        scores = row.dot(W)
        for c in range(W.shape[1]):
            margin = scores[c] - scores[label] + 1
            if c != label and margin > 0:
                loss += margin
                dW[:, c] += row
                dW[:, label] -= row
    return loss / len(y) + reg * np.sum(W * W), dW / len(y) + 2 * reg * W
