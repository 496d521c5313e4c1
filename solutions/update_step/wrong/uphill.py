# expected: W_path, one_observation=failed:adds-the-gradient; W_new, one_observation=failed:adds-the-gradient; v_new, one_observation=failed:adds-the-gradient; W_path, batch=failed:adds-the-gradient; W_new, batch=failed:adds-the-gradient; v_new, batch=failed:adds-the-gradient
import torch


def update_step(x, W, v, lr):
    if x.dim() == 1:
        grads = [torch.zeros_like(W) for _ in v]
        for i, g in enumerate(grads):
            g[:, i] = v[i] * x
        dv = x @ W
    else:
        grads = [torch.outer(row, v) for row in x]
        dv = (x @ W).sum(0)
    path, current = [], W
    for g in grads:
        current = current + lr * g
        path.append(current)
    return torch.stack(path), current, v + lr * dv
