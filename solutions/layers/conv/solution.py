import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    """Slides every filter over every image.

    Args:
        x: images, shape (N, C, H, W)
        w: filters, shape (F, C, HH, WW)
        b: biases, shape (F,)
        conv_param: a dict with "stride" and "pad" (zeros on each side of the images)

    Returns:
        out: shape (N, F, H', W') with H' = 1 + (H + 2 * pad - HH) / stride, and W' alike
        cache: whatever conv_backward_naive needs
    """
    stride, pad = conv_param["stride"], conv_param["pad"]
    out, cache = None, None
    ### BEGIN SOLUTION
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    height, width = w.shape[2:]
    rows = 1 + (padded.shape[2] - height) // stride
    columns = 1 + (padded.shape[3] - width) // stride
    out = np.zeros((len(x), len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = padded[:, :, top : top + height, left : left + width]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    cache = padded, w, stride, pad
    ### END SOLUTION
    return out, cache


def conv_backward_naive(dout, cache):
    """Returns the gradients of the loss.

    Args:
        dout: the gradient that arrives at out, shape (N, F, H', W')
        cache: what conv_forward_naive returned

    Returns:
        dx: shape (N, C, H, W)
        dw: shape (F, C, HH, WW)
        db: shape (F,)
    """
    dx, dw, db = None, None, None
    ### BEGIN SOLUTION
    padded, w, stride, pad = cache
    height, width = w.shape[2:]
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = np.s_[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], padded[place])
            dpadded[place] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
    dx = dpadded[:, :, pad : dpadded.shape[2] - pad, pad : dpadded.shape[3] - pad]
    db = dout.sum(axis=(0, 2, 3))
    ### END SOLUTION
    return dx, dw, db
