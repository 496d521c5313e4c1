# expected: dloss_dc=failed:product-of-sums; dloss_dv=passed
def scalar_times_vector(c, v, dloss_dy):
    return v.sum() * dloss_dy.sum(), c * dloss_dy
