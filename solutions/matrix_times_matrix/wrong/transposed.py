# expected: dloss_dX=failed:both-transposed; dloss_dW=failed:both-transposed
def matrix_times_matrix(X, W, dloss_dY):
    return (dloss_dY @ W.T).T, (X.T @ dloss_dY).T
