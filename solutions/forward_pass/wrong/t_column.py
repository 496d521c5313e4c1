# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=passed; loss, one_observation=passed; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=passed; loss, batch=failed:column-targets
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    loss = 0
    for target in t.reshape(-1, 1):
        loss = loss + ((prob - target) ** 2).sum()
    return h, hact, score, prob, loss
