# expected: dloss_dX=passed; dloss_dW=failed:product-of-sums
def matrix_times_matrix(X, W, dloss_dY):
    dW = X.sum(0).reshape(-1, 1) * dloss_dY.sum(0)
    return dloss_dY @ W.T, dW
