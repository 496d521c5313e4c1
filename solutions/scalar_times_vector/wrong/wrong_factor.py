# expected: dloss_dc=failed:derivative-of-the-other-factor; dloss_dv=failed:derivative-of-the-other-factor
def scalar_times_vector(c, v, dloss_dy):
    dy_dc = c
    dy_dv = v
    return (dloss_dy * dy_dc).sum(), dloss_dy * dy_dv
