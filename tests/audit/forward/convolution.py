"""Wrong gradients of a convolution and ReLU, as students write them, and the mistake that a person sees."""

import torch


def padded(x):
    N, L = x.shape
    xp = torch.zeros(N, L + 2)
    xp[:, 1:-1] = x
    return xp


def response(x, w, b):
    xp = padded(x)
    return torch.stack([xp[:, k : k + 3] @ w + b for k in range(x.shape[1])], dim=1)


def gradients(x, w, dz):
    N, L = x.shape
    xp, dxp, dw = padded(x), torch.zeros(N, L + 2), torch.zeros(3)
    for n in range(N):
        for k in range(L):
            dxp[n, k : k + 3] += dz[n, k] * w
            dw += dz[n, k] * xp[n, k : k + 3]
    return dxp[:, 1:-1], dw, dz.sum().reshape(1)


def w1(x, w, b, upstream):
    """expected: no mask: no-relu-mask"""
    return gradients(x, w, upstream)


def w2(x, w, b, upstream):
    """expected: the kernel the wrong way round in dx: kernel-not-flipped"""
    dz = upstream * (response(x, w, b) > 0)
    dx, dw, db = gradients(x, w.flip(0), dz)
    return dx, gradients(x, w, dz)[1], db


def w3(x, w, b, upstream):
    """expected: the bias averaged: bias-averaged"""
    dz = upstream * (response(x, w, b) > 0)
    dx, dw, db = gradients(x, w, dz)
    return dx, dw, dz.mean().reshape(1)


def w4(x, w, b, upstream):
    """expected: the mask from x: mask-of-the-input"""
    dz = upstream * (x > 0)
    return gradients(x, w, dz)


def w5(x, w, b, upstream):
    """expected: the value for the slope: relu-instead-of-slope"""
    z = response(x, w, b)
    return gradients(x, w, upstream * torch.relu(z))


def w6(x, w, b, upstream):
    """expected: dw of the last observation only: last-observation-only"""
    dz = upstream * (response(x, w, b) > 0)
    dx, dw, db = gradients(x, w, dz)
    return dx, gradients(x[-1:], w, dz[-1:])[1], db


def w7(x, w, b, upstream):
    """expected: dw averaged over the batch: mean-instead-of-sum"""
    dz = upstream * (response(x, w, b) > 0)
    dx, dw, db = gradients(x, w, dz)
    return dx, dw / len(x), db


def w8(x, w, b, upstream):
    """expected: sign for the slope: sign-instead-of-slope"""
    return gradients(x, w, upstream * torch.sign(response(x, w, b)))
