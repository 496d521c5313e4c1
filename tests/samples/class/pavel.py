import torch


def vector_matrix_derivative(W, x):
    def y(weights):
        return (x @ weights).sum()

    return torch.autograd.functional.jacobian(y, W)


def batched_backward(X, t, W, wout):
    W = W.clone().requires_grad_(True)
    wout = wout.clone().requires_grad_(True)
    prob = torch.sigmoid(torch.relu(X @ W) @ wout)
    loss = ((prob - t) ** 2).sum()
    loss.backward()
    return W.grad, wout.grad
