# expected: W_path, one_observation=failed:start-included; W_new, one_observation=passed; v_new, one_observation=passed; W_path, batch=failed:start-included; W_new, batch=passed; v_new, batch=passed
import torch


def update_step(x, W, v, lr):
    n = len(v) if x.ndim == 1 else x.shape[0]
    current = W.clone()
    path = []
    for i in range(n):
        path.append(current.clone())
        if x.ndim == 1:
            current[:, i] -= lr * v[i] * x
        else:
            current -= lr * x[i].reshape(-1, 1) * v
    dv = x @ W if x.ndim == 1 else (x @ W).sum(dim=0)
    return torch.stack(path), current, v - lr * dv
