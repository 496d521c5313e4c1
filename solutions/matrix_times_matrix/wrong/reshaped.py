# expected: dloss_dX=failed:weights-reshaped-instead-of-transposed; dloss_dW=passed
def matrix_times_matrix(X, W, dloss_dY):
    D, H = W.shape
    return dloss_dY @ W.reshape(H, D), X.T @ dloss_dY
