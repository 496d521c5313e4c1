def vector_times_matrix(v, W, dloss_dy):
    return (W * dloss_dy).sum(dim=1), v.unsqueeze(1) * dloss_dy.unsqueeze(0)
