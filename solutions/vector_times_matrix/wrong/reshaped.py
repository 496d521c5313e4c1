# expected: dloss_dv=passed; dloss_dW=failed:reshaped-instead-of-transposed
import torch


def vector_times_matrix(v, W, dloss_dy):
    return W @ dloss_dy, torch.outer(dloss_dy, v).view(W.shape)
