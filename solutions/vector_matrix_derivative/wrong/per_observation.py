# expected: one_observation=failed:one-matrix-per-observation; batch=failed:one-matrix-per-observation
def vector_matrix_derivative(W, x):
    x = x.reshape(-1, W.shape[0])
    return x.unsqueeze(-1).repeat(1, 1, W.shape[1])
