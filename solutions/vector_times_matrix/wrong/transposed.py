# expected: dloss_dv=passed; dloss_dW=failed:transposed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return W @ dloss_dy, dloss_dy[:, None] * v[None, :]
