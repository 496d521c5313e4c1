# expected: W_path, one_observation=passed; W_new, one_observation=passed; v_new, one_observation=failed:updates-before-gradients; W_path, batch=passed; W_new, batch=passed; v_new, batch=failed:updates-before-gradients
import torch


def update_step(x, W, v, lr):
    xs = x.reshape(-1, W.shape[0])
    path = []
    new_W = W
    if x.ndim == 1:
        for i in range(len(v)):
            column = torch.zeros(len(v))
            column[i] = v[i]
            new_W = new_W - lr * torch.outer(x, column)
            path.append(new_W)
    else:
        for row in xs:
            new_W = new_W - lr * torch.outer(row, v)
            path.append(new_W)
    W = new_W
    v = v - lr * (xs @ W).sum(0)
    return torch.stack(path), W, v
