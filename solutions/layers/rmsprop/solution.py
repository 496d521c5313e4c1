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
    ### BEGIN SOLUTION
    config["cache"] = config["decay_rate"] * cache + (1 - config["decay_rate"]) * dw**2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    ### END SOLUTION
    return next_w, config
