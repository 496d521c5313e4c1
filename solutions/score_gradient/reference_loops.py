import torch


def score_gradient(X, W, wout):
    dW, dwout = torch.zeros_like(W), torch.zeros_like(wout)
    for x in X:
        h = x @ W
        active = (h > 0).float()
        dW += x[:, None] * (wout * active)[None, :]
        dwout += h * active
    return dW, dwout
