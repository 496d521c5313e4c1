# Assignment 2 - Amara
# I worked everything out on paper for one observation first and then added the observations up in a loop.
import torch


def sigmoid(z):
    return 1 / (1 + torch.exp(-z))


def vector_matrix_derivative(W, x):
    D, H = W.shape
    if x.dim() == 1:
        x = x.unsqueeze(0)
    dy_dW = torch.zeros(D, H)
    for row in x:
        for h in range(H):
            dy_dW[:, h] += row
    return dy_dW


def batched_backward(X, t, W, wout):
    dloss_dW = torch.zeros_like(W)
    dloss_dwout = torch.zeros_like(wout)
    for n in range(X.shape[0]):
        x = X[n]
        # forward
        h = x @ W
        hact = h.clamp(min=0)
        score = hact @ wout
        prob = sigmoid(score)
        # backward
        dloss_dprob = 2 * (prob - t[n])
        dprob_dscore = prob * (1 - prob)
        dloss_dscore = dloss_dprob * dprob_dscore
        dhact_dh = (h > 0).float()
        dloss_dwout += dloss_dscore * hact
        dloss_dW += torch.outer(x, dloss_dscore * wout * dhact_dh)
    return dloss_dW, dloss_dwout


if __name__ == "__main__":
    torch.manual_seed(0)
    print(batched_backward(torch.randn(4, 3), torch.rand(4), torch.randn(3, 5), torch.randn(5)))
