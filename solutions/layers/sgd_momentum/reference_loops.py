import numpy as np


def sgd_momentum(w, dw, config):
    v = np.array(config["velocity"])
    out = np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        v[place] = config["momentum"] * v[place] - config["learning_rate"] * dw[place]
        out[place] = w[place] + v[place]
    return out, {**config, "velocity": v}
