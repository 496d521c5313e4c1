"""Wrong gradients of softmax cross-entropy, as students write them; each docstring says which mistake a person sees."""

import torch


def probabilities(X, W):
    z = X @ W
    e = torch.exp(z - z.max(1, keepdim=True).values)
    return e / e.sum(1, keepdim=True)


def one_hot(labels, C):
    Y = torch.zeros(len(labels), C)
    Y[torch.arange(len(labels)), labels] = 1
    return Y


def w1(X, W, labels):
    """expected: not divided by N: sum-instead-of-mean"""
    P = probabilities(X, W)
    P[torch.arange(len(labels)), labels] -= 1
    return X.T @ P


def w2(X, W, labels):
    """expected: one-hot not subtracted: first-path-ignored"""
    return X.T @ probabilities(X, W) / len(X)


def w3(X, W, labels):
    """expected: sign: sign-flipped"""
    dW = torch.zeros_like(W)
    P, Y = probabilities(X, W), one_hot(labels, W.shape[1])
    for n in range(len(X)):
        dW += torch.outer(X[n], Y[n] - P[n]) / len(X)
    return dW


def w4(X, W, labels):
    """expected: the normalisation has no gradient: second-path-ignored, logsumexp-held-fixed"""
    return -X.T @ one_hot(labels, W.shape[1]) / len(X)


def w5(X, W, labels):
    """expected: exp without normalising: logsumexp-not-normalised"""
    return X.T @ (torch.exp(X @ W) - one_hot(labels, W.shape[1])) / len(X)


def w6(X, W, labels):
    """expected: softmax over the wrong axis: softmax-wrong-axis"""
    Z = X @ W
    P = torch.exp(Z) / torch.exp(Z).sum(0)
    return X.T @ (P - one_hot(labels, W.shape[1])) / len(X)


def w7(X, W, labels):
    """expected: only the last observation: last-observation-only"""
    P = probabilities(X, W) - one_hot(labels, W.shape[1])
    for n in range(len(X)):
        dW = torch.outer(X[n], P[n]) / len(X)
    return dW


def w8(X, W, labels):
    """expected: the input dropped: no-input"""
    P = (probabilities(X, W) - one_hot(labels, W.shape[1])) / len(X)
    return P.sum(0).repeat(W.shape[0], 1)
