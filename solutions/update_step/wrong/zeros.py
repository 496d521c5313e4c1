# expected: W_path, one_observation=failed; W_new, one_observation=failed; v_new, one_observation=failed; W_path, batch=failed; W_new, batch=failed; v_new, batch=failed
import torch


def update_step(x, W, v, lr):
    k = len(v) if x.dim() == 1 else len(x)
    return torch.zeros(k, *W.shape), torch.zeros_like(W), torch.zeros_like(v)
