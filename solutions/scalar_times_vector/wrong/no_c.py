# expected: dloss_dc=passed; dloss_dv=failed:c-forgotten
import torch


def scalar_times_vector(c, v, dloss_dy):
    return torch.dot(v, dloss_dy), dloss_dy
