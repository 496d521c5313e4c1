# expected: dloss_dc=failed; dloss_dv=failed
import torch


def scalar_times_vector(c, v, dloss_dy):
    return torch.zeros_like(c), torch.zeros_like(v)
