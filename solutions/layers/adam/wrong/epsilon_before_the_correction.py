# expected: next_w=failed:epsilon-before-the-correction; m=passed; v=passed; t=passed; after_two_steps=failed:epsilon-before-the-correction
import numpy as np


def adam(w, dw, config):
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    m, v, t = config.get("m", np.zeros_like(w)), config.get("v", np.zeros_like(w)), config.get("t", 0)
    next_w, config["m"], config["v"], config["t"] = None, None, None, None
    t += 1
    m = config["beta1"] * m + (1 - config["beta1"]) * dw
    v = config["beta2"] * v + (1 - config["beta2"]) * dw**2
    config["m"], config["v"], config["t"] = m, v, t
    rate = config["learning_rate"] * np.sqrt(1 - config["beta2"] ** t) / (1 - config["beta1"] ** t)
    next_w = w - rate * m / (np.sqrt(v) + config["epsilon"])
    return next_w, config
