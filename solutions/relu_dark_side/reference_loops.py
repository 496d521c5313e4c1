import torch


def relu_dark_side(X, W, b, wout):
    N, H = len(X), len(b)
    dead = torch.ones(H, dtype=torch.bool)
    flat = torch.zeros(N, dtype=torch.bool)
    db = torch.zeros(H)
    for n in range(N):
        h = X[n] @ W + b
        prob = torch.sigmoid(torch.clamp(h, min=0) @ wout)
        slope = prob * (1 - prob)
        flat[n] = bool(slope < 0.01)
        for j in range(H):
            if h[j] > 0:
                dead[j] = False
                db[j] += slope * wout[j]
    return dead, db, flat
