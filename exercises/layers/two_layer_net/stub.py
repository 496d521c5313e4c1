"""A two-layer network as a class: fill in TwoLayerNet and hand in this file. An output that is not done yet stays None."""

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
        # YOUR CODE HERE
        if y is None:
            return scores
        loss, grads = None, {"W1": None, "b1": None, "W2": None, "b2": None}
        # YOUR CODE HERE
        return loss, grads
