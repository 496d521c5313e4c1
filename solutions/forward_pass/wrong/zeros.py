# expected: h, one_observation=failed; hact, one_observation=failed; score, one_observation=failed; prob, one_observation=failed; loss, one_observation=failed; h, batch=failed; hact, batch=failed; score, batch=failed; prob, batch=failed; loss, batch=failed
import torch


def forward_pass(x, t, W, wout):
    h = torch.zeros_like(x @ W)
    score = torch.zeros_like(h @ wout)
    return h, h, score, score, torch.zeros(())
