"""Wrong dy/dW for y = xW, as students write them; each docstring says which misconceptions are mixed in."""

import torch


def s01(W, x):
    """expected: last-row-only"""
    if x.dim() == 1:
        x = x.unsqueeze(0)
    for row in x:
        out = torch.zeros_like(W)
        for j in range(W.shape[1]):
            out[:, j] = row
    return out


def s02(W, x):
    """expected: mean-instead-of-sum"""
    D, H = W.shape
    if x.ndim == 2:
        x = torch.mean(x, dim=0)
    return torch.stack([x] * H, dim=1)


def s03(W, x):
    """expected: transposed"""
    D, H = W.shape
    v = x if x.ndim == 1 else x.sum(dim=0)
    return torch.ones(H, 1) @ v.reshape(1, D)


def s04(W, x):
    """expected: one-column"""
    if len(x.shape) > 1:
        x = sum(x)
    return x.reshape(-1, 1)


def s05(W, x):
    """expected: times-weights"""
    if x.ndim == 1:
        return torch.diag(x) @ W
    return torch.diag(x.sum(0)) @ W


def s06(W, x):
    """expected: one-matrix-per-observation"""
    if x.ndim == 1:
        return torch.outer(x, torch.ones(W.shape[1]))
    return torch.stack([torch.outer(r, torch.ones(W.shape[1])) for r in x])


def s07(W, x):
    """expected: all-inputs-summed"""
    total = 0.0
    for value in x.flatten():
        total = total + value
    return torch.full(W.shape, float(total))


def s08(W, x):
    """expected: input-times-output"""
    y = x @ W
    if x.ndim == 1:
        return torch.outer(x, y)
    return torch.einsum("nd,nh->dh", x, y)


def s09(W, x):
    """expected: first-row-left-out"""
    D, H = W.shape
    grad = torch.zeros(D, H)
    if x.ndim == 1:
        x = x[None]
    for n in range(1, x.shape[0]):
        grad += x[n].unsqueeze(1).expand(D, H)
    return grad


def s10(W, x):
    """expected: divided-by-outputs"""
    s = x if x.ndim == 1 else x.sum(0)
    return s.unsqueeze(1).repeat(1, W.shape[1]).div(W.shape[1])


def s11(W, x):
    """expected: derivative-by-x"""
    grad = torch.zeros_like(W)
    for d in range(W.shape[0]):
        for h in range(W.shape[1]):
            grad[d, :] += W[d, h]
    return grad


def s12(W, x):
    """expected: only-last-column-filled"""
    out = torch.zeros(W.shape)
    for h in range(W.shape[1]):
        out = torch.zeros(W.shape)
        out[:, h] = x if x.ndim == 1 else x.sum(0)
    return out


def s13(W, x):
    """expected: vector-result"""
    return x.reshape(-1, W.shape[0]).sum(0)


def s14(W, x):
    """expected: integer-result"""
    grad = torch.zeros(W.shape, dtype=torch.int64)
    s = x.view(-1, W.shape[0]).sum(0) if x.is_contiguous() else x.reshape(-1, W.shape[0]).sum(0)
    for h in range(W.shape[1]):
        grad[:, h] = s
    return grad


def d01(W, x):
    """expected: mean-instead-of-sum + transposed"""
    v = x.mean(0) if x.ndim > 1 else x
    return v.expand(W.shape[1], -1)


def d02(W, x):
    """expected: last-row-only + times-weights"""
    v = x[-1] if x.ndim > 1 else x
    out = torch.empty_like(W)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            out[i, j] = v[i] * W[i, j]
    return out


def d03(W, x):
    """expected: mean-instead-of-sum + one-column"""
    if x.ndim > 1:
        x = x.sum(0) / x.shape[0]
    return x[:, None]


def d04(W, x):
    """expected: first-row-only + divided-by-outputs"""
    v = x[0] if x.ndim > 1 else x
    return torch.outer(v, torch.full((W.shape[1],), 1.0 / W.shape[1]))


def d05(W, x):
    """expected: squared-inputs + transposed"""
    v = torch.square(x) if x.ndim == 1 else torch.square(x).sum(0)
    return torch.stack([v for _ in range(W.shape[1])])


def d06(W, x):
    """expected: absolute-values + counted-once-per-output"""
    v = (x if x.ndim == 1 else x.sum(0)).abs()
    return W.shape[1] * v.unsqueeze(-1).expand_as(W)
