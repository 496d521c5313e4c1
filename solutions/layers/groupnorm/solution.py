import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalises groups of channels of every image, then scales and shifts each channel.

    Args:
        x: images, shape (N, C, H, W)
        gamma: scales, shape (1, C, 1, 1)
        beta: shifts, shape (1, C, 1, 1)
        G: the number of groups, which divides C
        gn_param: a dict with "eps"

    Returns:
        out: shape (N, C, H, W)
        cache: whatever spatial_groupnorm_backward needs
    """
    eps = gn_param.get("eps", 1e-5)
    out, cache = None, None
    ### BEGIN SOLUTION
    groups = x.reshape(len(x), G, -1)
    std = np.sqrt(groups.var(axis=2, keepdims=True) + eps)
    xhat = (groups - groups.mean(axis=2, keepdims=True)) / std
    out = gamma * xhat.reshape(x.shape) + beta
    cache = xhat, std, gamma
    ### END SOLUTION
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, C, H, W)
        cache: what spatial_groupnorm_forward returned

    Returns:
        dx: shape (N, C, H, W)
        dgamma: shape (1, C, 1, 1)
        dbeta: shape (1, C, 1, 1)
    """
    dx, dgamma, dbeta = None, None, None
    ### BEGIN SOLUTION
    xhat, std, gamma = cache
    dgamma = (dout * xhat.reshape(dout.shape)).sum(axis=(0, 2, 3), keepdims=True)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dxhat = (dout * gamma).reshape(xhat.shape)
    inner = dxhat - dxhat.mean(axis=2, keepdims=True) - xhat * (dxhat * xhat).mean(axis=2, keepdims=True)
    dx = (inner / std).reshape(dout.shape)
    ### END SOLUTION
    return dx, dgamma, dbeta
