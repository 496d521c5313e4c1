# expected: W_path, one_observation=failed:every-step-from-the-start; W_new, one_observation=passed; v_new, one_observation=passed; W_path, batch=failed:every-step-from-the-start; W_new, batch=passed; v_new, batch=passed
import torch


def update_step(x, W, v, lr):
    h = x @ W
    if x.dim() == 1:
        grads = []
        for i in range(len(v)):
            g = torch.zeros(W.shape)
            g[:, i] = v[i] * x
            grads.append(g)
        dv = h
    else:
        grads = [torch.outer(row, v) for row in x]
        dv = h.sum(0)
    path = [W - lr * g for g in grads]
    return torch.stack(path), W - lr * sum(grads), v - lr * dv
