# expected: one_observation=failed:transposed; batch=failed:transposed
def vector_matrix_derivative(W, x):
    if x.dim() == 2:
        x = x.sum(0)
    return x.repeat(W.shape[1], 1)
