"""Gradient descent with momentum: fill in sgd_momentum and hand in this file. An output that is not done yet stays None."""

import numpy as np


def sgd_momentum(w, dw, config):
    """One step of gradient descent with momentum.

    Args:
        w: weights, any shape
        dw: their gradient, shape of w
        config: a dict with "learning_rate" (1e-2 unless given), "momentum" (0.9) and "velocity" (zeros)

    Returns:
        next_w: shape of w
        config: with the new "velocity"
    """
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    next_w, config["velocity"] = None, None
    # YOUR CODE HERE
    return next_w, config
