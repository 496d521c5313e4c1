# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=failed:tanh-instead-of-sigmoid; loss, one_observation=failed:tanh-instead-of-sigmoid; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=failed:tanh-instead-of-sigmoid; loss, batch=failed:tanh-instead-of-sigmoid
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.tanh(score)
    return h, hact, score, prob, ((prob - t) ** 2).sum()
