import torch


def forward(X, W, wout):
    h = X @ W
    hact = torch.relu(h)
    return h, hact, torch.sigmoid(hact @ wout)


def backward(X, t, W, wout):
    h, hact, prob = forward(X, W, wout)
    delta = (2 * (prob - t) * prob * (1 - prob)).unsqueeze(1)
    return X.T @ (delta * wout * (h > 0).float()), (delta * hact).sum(dim=0)


def training_loop(X, t, W, wout, lr, steps):
    dWs = torch.zeros(steps, *W.shape)
    dwouts = torch.zeros(steps, *wout.shape)
    for step in range(steps):
        dWs[step], dwouts[step] = backward(X, t, W, wout)
        W, wout = W - lr * dWs[step], wout - lr * dwouts[step]
    prob = forward(X, W, wout)[-1]
    return dWs, dwouts, ((prob - t) ** 2).sum()
