"""RMSProp: fill in rmsprop and hand in this file. An output that is not done yet stays None."""

import numpy as np


def rmsprop(w, dw, config):
    """One step of RMSProp.

    Args:
        w: weights, any shape
        dw: their gradient, shape of w
        config: a dict with "learning_rate" (1e-2 unless given), "decay_rate" (0.99), "epsilon" (1e-8) and "cache"
            (zeros)

    Returns:
        next_w: shape of w
        config: with the new "cache"
    """
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    cache = config.get("cache", np.zeros_like(w))
    next_w, config["cache"] = None, None
    # YOUR CODE HERE
    return next_w, config
