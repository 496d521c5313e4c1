# expected: dloss_dX=failed:sign-flipped; dloss_dW=failed:sign-flipped
def matrix_times_matrix(X, W, dloss_dY):
    return -(dloss_dY @ W.T), -(X.T @ dloss_dY)
