# expected: one_observation=failed:sign-flipped; batch=failed:sign-flipped
def vector_matrix_derivative(W, x):
    if x.dim() == 2:
        x = x.sum(0)
    return -x.reshape(-1, 1).repeat(1, W.shape[1])
