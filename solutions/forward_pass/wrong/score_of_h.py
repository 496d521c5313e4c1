# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=failed:score-from-h; prob, one_observation=failed:score-from-h; loss, one_observation=failed:score-from-h; h, batch=passed; hact, batch=passed; score, batch=failed:score-from-h; prob, batch=failed:score-from-h; loss, batch=failed:score-from-h
import torch


def forward_pass(x, t, W, wout):
    h = torch.matmul(x, W)
    hact = torch.clamp(h, min=0)
    score = torch.matmul(h, wout)
    prob = 1 / (1 + torch.exp(-score))
    loss = torch.sum((prob - t) ** 2)
    return h, hact, score, prob, loss
