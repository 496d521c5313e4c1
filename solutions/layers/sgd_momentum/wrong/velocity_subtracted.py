# expected: next_w=failed:velocity-subtracted; velocity=failed:velocity-subtracted; after_two_steps=failed:velocity-subtracted
import numpy as np


def sgd_momentum(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    velocity = config.get("velocity", np.zeros_like(w))
    next_w, config["velocity"] = None, None
    velocity = config["momentum"] * velocity + config["learning_rate"] * dw
    next_w = w - velocity
    config["velocity"] = velocity
    return next_w, config
