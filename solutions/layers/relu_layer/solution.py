import numpy as np


def relu_forward(x):
    """Lets nonnegative entries pass.

    Args:
        x: an array of any shape

    Returns:
        out: max(0, x), shape of x
        cache: whatever relu_backward needs
    """
    out, cache = None, None
    ### BEGIN SOLUTION
    out = np.maximum(0, x)
    cache = x
    ### END SOLUTION
    return out, cache


def relu_backward(dout, cache):
    """Returns the gradient of the loss.

    Args:
        dout: the gradient that arrives at out, shape of x
        cache: what relu_forward returned

    Returns:
        dx: shape of x
    """
    dx = None
    ### BEGIN SOLUTION
    x = cache
    dx = dout * (x > 0)
    ### END SOLUTION
    return dx
