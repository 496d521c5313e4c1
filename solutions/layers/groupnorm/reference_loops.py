import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c = x.shape[:2]
    size, out, kept = c // G, np.zeros_like(x), {}
    for i in range(n):
        for g in range(G):
            part = slice(g * size, (g + 1) * size)
            values = x[i, part]
            centered = values - values.mean()
            root = ((centered**2).mean() + gn_param["eps"]) ** 0.5
            kept[i, g] = centered, root
            out[i, part] = centered / root
    return gamma * out + beta, (kept, gamma, G, out)


def spatial_groupnorm_backward(dout, cache):
    kept, gamma, G, xhat = cache
    c = dout.shape[1]
    size, dx = c // G, np.zeros_like(dout)
    dgamma, dbeta = np.zeros((1, c, 1, 1)), np.zeros((1, c, 1, 1))
    for k in range(c):
        dgamma[0, k, 0, 0] = (dout[:, k] * xhat[:, k]).sum()
        dbeta[0, k, 0, 0] = dout[:, k].sum()
    for (i, g), (centered, root) in kept.items():
        part = slice(g * size, (g + 1) * size)
        dxhat = (dout * gamma)[i, part]
        dvar = (dxhat * centered).sum() * -0.5 / root**3
        dcentered = dxhat / root + dvar * 2 * centered / centered.size
        dx[i, part] = dcentered - dcentered.mean()
    return dx, dgamma, dbeta
