import torch


def single_observation_backprop(x, t, W, wout):
    D, H = W.shape
    h = x @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(torch.dot(hact, wout))
    delta = float(2 * (prob - t[0]) * prob * (1 - prob))
    dW = torch.zeros(D, H)
    dwout = torch.zeros(H)
    for j in range(H):
        dwout[j] = delta * hact[j]
        for i in range(D):
            if h[j] > 0:
                dW[i, j] = delta * wout[j] * x[i]
    return dwout, dW
