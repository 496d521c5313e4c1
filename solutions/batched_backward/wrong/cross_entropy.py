# expected: dloss_dW=failed:cross-entropy-derivative; dloss_dwout=failed:cross-entropy-derivative
import torch


def batched_backward(X, t, W, wout):
    h = X @ W
    hact = torch.relu(h)
    y_hat = torch.sigmoid(hact @ wout)
    delta = y_hat - t
    return X.T @ (delta[:, None] * wout[None, :] * (h > 0)), hact.T @ delta
