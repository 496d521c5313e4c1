import torch


def scalar_times_vector(c, v, dloss_dy):
    dc = torch.tensor(0.0)
    dv = torch.empty(len(v))
    for i in range(len(v)):
        dc = dc + dloss_dy[i] * v[i]
        dv[i] = dloss_dy[i] * c
    return dc, dv
