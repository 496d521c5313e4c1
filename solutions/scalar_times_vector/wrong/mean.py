# expected: dloss_dc=failed:averaged; dloss_dv=passed
import torch


def scalar_times_vector(c, v, dloss_dy):
    return torch.mean(v * dloss_dy), c * dloss_dy
