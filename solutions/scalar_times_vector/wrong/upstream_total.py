# expected: dloss_dc=passed; dloss_dv=failed:upstream-summed
import torch


def scalar_times_vector(c, v, dloss_dy):
    return v @ dloss_dy, c * dloss_dy.sum() * torch.ones(len(v))
