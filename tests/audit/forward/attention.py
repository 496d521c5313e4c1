"""Wrong gradients of attention, as students write them; each docstring says which mistake a person sees."""

import torch


def forward(Q, K, V):
    s = Q @ K.T / Q.shape[1] ** 0.5
    e = torch.exp(s - s.max(1, keepdim=True).values)
    return e / e.sum(1, keepdim=True)


def back(Q, K, ds):
    scale = Q.shape[1] ** -0.5
    return ds @ K * scale, ds.T @ Q * scale


def w1(Q, K, V, upstream):
    """expected: softmax's diagonal only: softmax-diagonal-only"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    dQ, dK = back(Q, K, dP * P * (1 - P))
    return dQ, dK, P.T @ upstream


def w2(Q, K, V, upstream):
    """expected: no softmax derivative: no-softmax-derivative"""
    P = forward(Q, K, V)
    dQ, dK = back(Q, K, upstream @ V.T)
    return dQ, dK, P.T @ upstream


def w3(Q, K, V, upstream):
    """expected: not divided by the root of d: divisor-dropped"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    ds = torch.zeros_like(P)
    for n in range(len(P)):
        J = torch.diag(P[n]) - torch.outer(P[n], P[n])
        ds[n] = J @ dP[n]
    return ds @ K, ds.T @ Q, P.T @ upstream


def w4(Q, K, V, upstream):
    """expected: the weighted sum is not subtracted: softmax-not-centred"""
    P = forward(Q, K, V)
    dQ, dK = back(Q, K, P * (upstream @ V.T))
    return dQ, dK, P.T @ upstream


def w5(Q, K, V, upstream):
    """expected: the gradient of V without the weights: no-input"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    dQ, dK = back(Q, K, P * (dP - (dP * P).sum(1, keepdim=True)))
    dV = torch.zeros_like(V)
    for n in range(len(Q)):
        for m in range(len(K)):
            dV[m] += upstream[n]
    return dQ, dK, dV


def w6(Q, K, V, upstream):
    """expected: the mean is subtracted instead of the weighted sum: softmax-mean-subtracted"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    dQ, dK = back(Q, K, P * (dP - dP.mean(1, keepdim=True)))
    return dQ, dK, P.T @ upstream


def w7(Q, K, V, upstream):
    """expected: dK is transposed: transposed"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    dQ, dK = back(Q, K, P * (dP - (dP * P).sum(1, keepdim=True)))
    return dQ, dK.T, P.T @ upstream


def w8(Q, K, V, upstream):
    """expected: sign of softmax's gradient: sign-flipped"""
    P = forward(Q, K, V)
    dP = upstream @ V.T
    dQ, dK = back(Q, K, P * ((dP * P).sum(1, keepdim=True) - dP))
    return dQ, dK, P.T @ upstream
