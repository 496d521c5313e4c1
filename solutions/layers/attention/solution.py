import numpy as np


def attention_forward(q, k, v):
    """Returns softmax(q k^T / sqrt(D)) v for every sequence of a batch.

    Args:
        q: queries, shape (N, T, D)
        k: keys, shape (N, T, D)
        v: values, shape (N, T, D)

    Returns:
        out: shape (N, T, D)
        cache: whatever attention_backward needs
    """
    out, cache = None, None
    ### BEGIN SOLUTION
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    out = weights @ v
    cache = q, k, v, weights
    ### END SOLUTION
    return out, cache


def attention_backward(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, T, D)
        cache: what attention_forward returned

    Returns:
        dq: shape (N, T, D)
        dk: shape (N, T, D)
        dv: shape (N, T, D)
    """
    dq, dk, dv = None, None, None
    ### BEGIN SOLUTION
    q, k, v, weights = cache
    dv = weights.transpose(0, 2, 1) @ dout
    dweights = dout @ v.transpose(0, 2, 1)
    dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
    dscores /= np.sqrt(q.shape[-1])
    dq, dk = dscores @ k, dscores.transpose(0, 2, 1) @ q
    ### END SOLUTION
    return dq, dk, dv
