# expected: h, one_observation=passed; hact, one_observation=failed:mask-instead-of-relu; score, one_observation=failed:mask-instead-of-relu; prob, one_observation=failed:mask-instead-of-relu; loss, one_observation=failed:mask-instead-of-relu; h, batch=passed; hact, batch=failed:mask-instead-of-relu; score, batch=failed:mask-instead-of-relu; prob, batch=failed:mask-instead-of-relu; loss, batch=failed:mask-instead-of-relu
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = (h > 0).float()
    score = hact @ wout
    prob = torch.sigmoid(score)
    return h, hact, score, prob, ((prob - t) ** 2).sum()
