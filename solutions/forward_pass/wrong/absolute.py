# expected: h, one_observation=passed; hact, one_observation=failed:absolute-instead-of-relu; score, one_observation=failed:absolute-instead-of-relu; prob, one_observation=failed:absolute-instead-of-relu; loss, one_observation=failed:absolute-instead-of-relu; h, batch=passed; hact, batch=failed:absolute-instead-of-relu; score, batch=failed:absolute-instead-of-relu; prob, batch=failed:absolute-instead-of-relu; loss, batch=failed:absolute-instead-of-relu
import torch


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = torch.where(h > 0, h, -h)
    score = (hact * wout).sum(-1)
    prob = torch.sigmoid(score)
    loss = (prob - t).pow(2).sum()
    return h, hact, score, prob, loss
