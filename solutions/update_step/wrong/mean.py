# expected: W_path, one_observation=passed; W_new, one_observation=failed:mean-instead-of-sum; v_new, one_observation=passed; W_path, batch=passed; W_new, batch=failed:mean-instead-of-sum; v_new, batch=failed:mean-instead-of-sum
import torch


def update_step(x, W, v, lr):
    D, H = W.shape
    if x.ndim == 1:
        grads = torch.zeros(H, D, H)
        for i in range(H):
            grads[i, :, i] = v[i] * x
        dv = x @ W
    else:
        grads = torch.einsum("nd,h->ndh", x, v)
        dv = torch.mean(x @ W, dim=0)
    path = W - lr * torch.cumsum(grads, dim=0)
    return path, W - lr * grads.mean(0), v - lr * dv
