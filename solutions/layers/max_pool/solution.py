import numpy as np


def max_pool_forward_naive(x, pool_param):
    """Keeps the largest number of every window.

    Args:
        x: images, shape (N, C, H, W)
        pool_param: a dict with "pool_height", "pool_width" and "stride"

    Returns:
        out: shape (N, C, H', W') with H' = 1 + (H - pool_height) / stride, and W' alike
        cache: whatever max_pool_backward_naive needs
    """
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out, cache = None, None
    ### BEGIN SOLUTION
    rows = 1 + (x.shape[2] - height) // stride
    columns = 1 + (x.shape[3] - width) // stride
    out = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            out[:, :, i, j] = window.max(axis=(2, 3))
    cache = x, pool_param
    ### END SOLUTION
    return out, cache


def max_pool_backward_naive(dout, cache):
    """Returns the gradient of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, C, H', W')
        cache: what max_pool_forward_naive returned

    Returns:
        dx: shape (N, C, H, W)
    """
    dx = None
    ### BEGIN SOLUTION
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j]
    ### END SOLUTION
    return dx
