import torch


def update_step(x, W, v, lr):
    D, H = W.shape
    current = W.clone()
    path = []
    if x.ndim == 1:
        for i in range(H):
            for d in range(D):
                current[d, i] -= lr * v[i] * x[d]
            path.append(current.clone())
    else:
        for row in x:
            current = current - lr * torch.outer(row, v)
            path.append(current)
    h = (x @ W).reshape(-1, H)
    return torch.stack(path), path[-1], v - lr * h.sum(dim=0)
