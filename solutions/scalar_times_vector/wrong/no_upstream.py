# expected: dloss_dc=failed:upstream-of-ones; dloss_dv=failed:upstream-of-ones
import torch


def scalar_times_vector(c, v, dloss_dy):
    dc = torch.sum(v)
    dv = torch.full_like(v, c.item())
    return dc, dv
