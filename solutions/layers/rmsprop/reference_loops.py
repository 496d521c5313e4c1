import numpy as np


def rmsprop(w, dw, config):
    decay, new, out = config["decay_rate"], np.array(config["cache"]), np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        new[place] = decay * new[place] + (1 - decay) * dw[place] * dw[place]
        out[place] = w[place] - config["learning_rate"] * dw[place] / (new[place] ** 0.5 + config["epsilon"])
    return out, {**config, "cache": new}
