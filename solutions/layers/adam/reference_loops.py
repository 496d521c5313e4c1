import numpy as np


def adam(w, dw, config):
    b1, b2, t = config["beta1"], config["beta2"], config["t"] + 1
    m, v, out = np.array(config["m"]), np.array(config["v"]), np.zeros_like(w)
    for place in np.ndindex(*w.shape):
        m[place] = b1 * m[place] + (1 - b1) * dw[place]
        v[place] = b2 * v[place] + (1 - b2) * dw[place] ** 2
        root = (v[place] / (1 - b2**t)) ** 0.5
        out[place] = w[place] - config["learning_rate"] * m[place] / (1 - b1**t) / (root + config["epsilon"])
    return out, {**config, "m": m, "v": v, "t": t}
