# expected: h, one_observation=passed; hact, one_observation=failed:relu-skipped; score, one_observation=failed:relu-skipped; prob, one_observation=failed:relu-skipped; loss, one_observation=failed:relu-skipped; h, batch=passed; hact, batch=failed:relu-skipped; score, batch=failed:relu-skipped; prob, batch=failed:relu-skipped; loss, batch=failed:relu-skipped
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = h
    score = hact @ wout
    prob = torch.sigmoid(score)
    return h, hact, score, prob, ((prob - t) ** 2).sum()
