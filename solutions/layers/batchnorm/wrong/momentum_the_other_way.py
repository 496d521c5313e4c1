# expected: out=passed; new_running_mean=failed:momentum-of-the-new; new_running_var=failed:momentum-of-the-new; out_in_test=passed; dx=passed; dgamma=passed; dbeta=passed
import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    running_mean, running_var = bn_param["running_mean"], bn_param["running_var"]
    if mode == "train":
        bn_param["running_mean"], bn_param["running_var"] = None, None
    out, cache = None, None
    if mode == "test":
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
        return out, None
    momentum = bn_param.get("momentum", 0.9)
    mean, var = x.mean(axis=0), x.var(axis=0)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    out = gamma * xhat + beta
    cache = xhat, std, gamma
    bn_param["running_mean"] = (1 - momentum) * running_mean + momentum * mean
    bn_param["running_var"] = (1 - momentum) * running_var + momentum * var
    return out, cache


def batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = None, None, None
    xhat, std, gamma = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std
    return dx, dgamma, dbeta
