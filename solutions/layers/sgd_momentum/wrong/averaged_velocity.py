# expected: next_w=failed:averaged-velocity; velocity=failed:averaged-velocity; after_two_steps=failed:averaged-velocity
import numpy as np


def sgd_momentum(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    next_w, config["velocity"] = None, None
    velocity = config["momentum"] * velocity + (1 - config["momentum"]) * dw
    next_w = w - config["learning_rate"] * velocity
    config["velocity"] = velocity
    return next_w, config
