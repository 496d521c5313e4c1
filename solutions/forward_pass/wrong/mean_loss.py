# expected: h, one_observation=passed; hact, one_observation=passed; score, one_observation=passed; prob, one_observation=passed; loss, one_observation=passed; h, batch=passed; hact, batch=passed; score, batch=passed; prob, batch=passed; loss, batch=failed:batch-mean-loss
import torch
import torch.nn.functional as F


def forward_pass(x, t, W, wout):
    h = x @ W
    hact = F.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    return h, hact, score, prob, F.mse_loss(prob, t)
