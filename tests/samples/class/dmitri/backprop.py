# main file, needs layers.py next to it
from layers import Linear, ReLU, SigmoidSquaredError


def vector_matrix_derivative(W, x):
    layer = Linear(W)
    y = layer.forward(x if x.ndim == 2 else x[None, :])
    layer.backward(y * 0 + 1)
    return layer.dW


def batched_backward(X, t, W, wout):
    hidden, act, out, loss = Linear(W), ReLU(), Linear(wout.reshape(-1, 1)), SigmoidSquaredError()
    loss.forward(out.forward(act.forward(hidden.forward(X))), t.reshape(-1, 1))
    hidden.backward(act.backward(out.backward(loss.backward())))
    return hidden.dW, out.dW.reshape(-1)
