"""Never comes back from one function; the other exercises are in other files."""


def batched_backward(X, t, W, wout):
    while True:
        pass
