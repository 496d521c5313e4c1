# expected: scores=passed; loss=failed:penalty-without-a-half; dW1=failed:penalty-without-a-half; db1=passed; dW2=failed:penalty-without-a-half; db2=passed
import numpy as np


class TwoLayerNet:

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
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        scores = None
        hact = np.maximum(0, X @ W1 + b1)
        scores = hact @ W2 + b2
        if y is None:
            return scores
        loss, grads = None, {"W1": None, "b1": None, "W2": None, "b2": None}
        n = len(y)
        shifted = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(shifted)
        probs /= probs.sum(axis=1, keepdims=True)
        penalty = self.reg * (np.sum(W1**2) + np.sum(W2**2))
        loss = -np.log(probs[np.arange(n), y]).mean() + penalty
        probs[np.arange(n), y] -= 1
        dscores = probs / n
        dh = (dscores @ W2.T) * (hact > 0)
        grads["W2"] = hact.T @ dscores + 2 * self.reg * W2
        grads["b2"] = dscores.sum(axis=0)
        grads["W1"] = X.T @ dh + 2 * self.reg * W1
        grads["b1"] = dh.sum(axis=0)
        return loss, grads
