"""Takes all the memory that there is."""

import torch


def batched_backward(X, t, W, wout):
    kept = []
    while True:
        kept.append(torch.ones(4 * 2**20))
