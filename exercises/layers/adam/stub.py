"""Adam: fill in adam and hand in this file. An output that is not done yet stays None."""

import numpy as np


def adam(w, dw, config):
    """One step of Adam.

    Args:
        w: weights, any shape
        dw: their gradient, shape of w
        config: a dict with "learning_rate" (1e-3 unless given), "beta1" (0.9), "beta2" (0.999), "epsilon" (1e-8), the
            moments "m" and "v" (zeros) and the number of steps so far, "t" (0)

    Returns:
        next_w: shape of w
        config: with the new "m", "v" and "t"
    """
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    m, v, t = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w)), config.get("t", 0)
    next_w, config["m"], config["v"], config["t"] = None, None, None, None
    # YOUR CODE HERE
    return next_w, config
