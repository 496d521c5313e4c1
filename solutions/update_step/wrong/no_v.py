# expected: W_path, one_observation=failed:v-forgotten; W_new, one_observation=failed:v-forgotten; v_new, one_observation=passed; W_path, batch=failed:v-forgotten; W_new, batch=failed:v-forgotten; v_new, batch=passed
import torch


def update_step(x, W, v, lr):
    D, H = W.shape
    if x.ndim == 1:
        grads = torch.zeros(H, D, H)
        for i in range(H):
            grads[i, :, i] = x
        dv = x @ W
    else:
        grads = x.unsqueeze(2).repeat(1, 1, H)
        dv = torch.sum(x @ W, dim=0)
    path = W - lr * torch.cumsum(grads, dim=0)
    return path, path[-1], v - lr * dv
