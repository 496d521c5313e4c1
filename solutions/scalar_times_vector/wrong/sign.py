# expected: dloss_dc=failed:sign-flipped; dloss_dv=failed:sign-flipped
def scalar_times_vector(c, v, dloss_dy):
    return -(v * dloss_dy).sum(), -c * dloss_dy
