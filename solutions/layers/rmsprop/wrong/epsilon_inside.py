# expected: next_w=failed:epsilon-inside-of-the-root; cache=passed; after_two_steps=failed:epsilon-inside-of-the-root
import numpy as np


def rmsprop(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    cache = config.get("cache", np.zeros_like(w))
    next_w, config["cache"] = None, None
    config["cache"] = config["decay_rate"] * cache + (1 - config["decay_rate"]) * dw**2
    next_w = w - config["learning_rate"] * dw / np.sqrt(config["cache"] + config["epsilon"])
    return next_w, config
