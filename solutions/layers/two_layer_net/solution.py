import numpy as np


class TwoLayerNet:
    """Affine, ReLU, affine, softmax loss.

    params: a dict with "W1" of shape (D, H), "b1" (H,), "W2" (H, C) and "b2" (C,).
    """

    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale=1e-3, reg=0.0):
        rng = np.random.default_rng(0)
        self.reg = reg
        self.params = {
            "W1": weight_scale * rng.normal(size=(input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim),
            "W2": weight_scale * rng.normal(size=(hidden_dim, num_classes)),
            "b2": np.zeros(num_classes),
        }

    def loss(self, X, y=None):
        """The scores of X, or, with labels, the loss and its gradients.

        Args:
            X: observations in rows, shape (N, D)
            y: labels, whole numbers from 0 to C - 1, shape (N,), or None

        Returns:
            scores of shape (N, C) where y is None; else
            loss: a number, with the penalty 0.5 * reg * (sum(W1**2) + sum(W2**2))
            grads: a dict with the keys of params
        """
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        scores = None
        ### BEGIN SOLUTION
        hact = np.maximum(0, X @ W1 + b1)
        scores = hact @ W2 + b2
        ### END SOLUTION
        if y is None:
            return scores
        loss, grads = None, {"W1": None, "b1": None, "W2": None, "b2": None}
        ### BEGIN SOLUTION
        n = len(y)
        shifted = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(shifted)
        probs /= probs.sum(axis=1, keepdims=True)
        penalty = 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
        loss = -np.log(probs[np.arange(n), y]).mean() + penalty
        probs[np.arange(n), y] -= 1
        dscores = probs / n
        dh = (dscores @ W2.T) * (hact > 0)
        grads["W2"] = hact.T @ dscores + self.reg * W2
        grads["b2"] = dscores.sum(axis=0)
        grads["W1"] = X.T @ dh + self.reg * W1
        grads["b1"] = dh.sum(axis=0)
        ### END SOLUTION
        return loss, grads
