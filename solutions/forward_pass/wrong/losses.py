# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=passed; loss, one_observation=passed; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=passed; loss, batch=failed:loss-per-observation
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = h * (h > 0)
    score = hact @ wout
    prob = torch.sigmoid(score)
    loss = (prob - t) ** 2
    return h, hact, score, prob, loss
