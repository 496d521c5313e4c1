# expected: one_observation=failed:reshaped-instead-of-transposed; batch=failed:reshaped-instead-of-transposed
def vector_matrix_derivative(W, x):
    D, n_hidden = W.shape
    if len(x.shape) == 2:
        x = x.sum(0)
    return x.repeat(n_hidden).reshape((D, n_hidden))
