# expected: W_path, one_observation=failed:no-learning-rate; W_new, one_observation=failed:no-learning-rate; v_new, one_observation=failed:no-learning-rate; W_path, batch=failed:no-learning-rate; W_new, batch=failed:no-learning-rate; v_new, batch=failed:no-learning-rate
import torch


def update_step(x, W, v, lr):
    h = x @ W
    if x.ndim == 1:
        grads = torch.stack([torch.outer(x, v * (torch.arange(len(v)) == i)) for i in range(len(v))])
    else:
        grads = torch.stack([torch.outer(row, v) for row in x])
        h = h.sum(0)
    return W - grads.cumsum(0), W - grads.sum(0), v - h
