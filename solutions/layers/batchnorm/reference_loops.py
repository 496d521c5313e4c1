import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    n, d = x.shape
    eps, out = bn_param["eps"], np.zeros_like(x)
    if bn_param["mode"] == "test":
        for j in range(d):
            scale = gamma[j] / (bn_param["running_var"][j] + eps) ** 0.5
            out[:, j] = (x[:, j] - bn_param["running_mean"][j]) * scale + beta[j]
        return out, None
    m = bn_param["momentum"]
    means, variances = [], []
    for j in range(d):
        mean = sum(x[:, j]) / n
        var = sum((x[i, j] - mean) ** 2 for i in range(n)) / n
        out[:, j] = gamma[j] * (x[:, j] - mean) / (var + eps) ** 0.5 + beta[j]
        means.append(mean)
        variances.append(var)
    bn_param["running_mean"] = m * bn_param["running_mean"] + (1 - m) * np.array(means)
    bn_param["running_var"] = m * bn_param["running_var"] + (1 - m) * np.array(variances)
    return out, (x, gamma, means, variances, eps)


def batchnorm_backward(dout, cache):
    x, gamma, means, variances, eps = cache
    n, d = x.shape
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros(d), np.zeros(d)
    for j in range(d):
        centered = x[:, j] - means[j]
        root = (variances[j] + eps) ** 0.5
        dbeta[j] = sum(dout[:, j])
        dgamma[j] = sum(dout[:, j] * centered / root)
        dxhat = dout[:, j] * gamma[j]
        dvar = sum(dxhat * centered) * -0.5 / root**3
        dmean = -sum(dxhat) / root - 2 * dvar * sum(centered) / n
        dx[:, j] = dxhat / root + dvar * 2 * centered / n + dmean / n
    return dx, dgamma, dbeta
