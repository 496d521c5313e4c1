# expected: dloss_dv=failed:averaged; dloss_dW=passed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return (dloss_dy * W).mean(dim=-1), torch.einsum("d,h->dh", v, dloss_dy)
