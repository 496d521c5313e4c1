# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=failed:sigmoid-of-minus-score; loss, one_observation=failed:sigmoid-of-minus-score; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=failed:sigmoid-of-minus-score; loss, batch=failed:sigmoid-of-minus-score
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = 1 / (1 + torch.exp(score))
    error = prob - t
    return h, hact, score, prob, (error * error).sum()
