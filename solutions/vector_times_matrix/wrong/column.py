# expected: dloss_dv=failed:gradient-as-column; dloss_dW=passed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return W @ dloss_dy.reshape(-1, 1), v.reshape(-1, 1) @ dloss_dy.reshape(1, -1)
