# expected: dloss_dc=failed:number-with-an-axis; dloss_dv=passed
import torch


def scalar_times_vector(c, v, dloss_dy):
    dc = torch.zeros(1)
    for i in range(len(v)):
        dc += v[i] * dloss_dy[i]
    return dc, c * dloss_dy
