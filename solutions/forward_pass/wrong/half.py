# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=passed; loss, one_observation=failed:half-squared-error; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=passed; loss, batch=failed:half-squared-error
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    loss = 0.5 * ((prob - t) ** 2).sum()
    return h, hact, score, prob, loss
