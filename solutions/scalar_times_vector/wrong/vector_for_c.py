# expected: dloss_dc=failed:not-summed; dloss_dv=passed
def scalar_times_vector(c, v, dloss_dy):
    return v * dloss_dy, c * dloss_dy
