# expected: W_path, one_observation=passed; W_new, one_observation=failed:last-step-only; v_new, one_observation=passed; W_path, batch=passed; W_new, batch=failed:last-step-only; v_new, batch=passed
import torch


def update_step(x, W, v, lr):
    H = W.shape[1]
    h = x @ W
    current, path = W, []
    for i in range(H if x.ndim == 1 else len(x)):
        if x.ndim == 1:
            grad = torch.zeros_like(W)
            grad[:, i] = x * v[i]
        else:
            grad = x[i][:, None] * v[None, :]
        current = current - lr * grad
        path.append(current)
    W_new = W - lr * grad
    return torch.stack(path), W_new, v - lr * (h if x.ndim == 1 else h.sum(0))
