# expected: dloss_dW=failed; dloss_dwout=passed
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    a = torch.relu(h)
    mask = a / h
    q = 1 / (1 + torch.exp(a @ wout))  # 1 - p
    g = 2 * (1 - q - t) * q * (1 - q)
    return torch.stack([(X * (g * mask[:, k])[:, None]).sum(0) * wout[k] for k in range(len(wout))], dim=1), g @ a
