"""What students get wrong about the batched backward pass; numbers are those of the catalogue of wrong solutions."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "h": lambda X, W: X @ W,
        "hact": lambda h: torch.relu(h),
        "score": lambda hact, wout: hact @ wout,
        "prob": lambda score: torch.sigmoid(score),
        "dloss_dprob": lambda prob, t: 2 * (prob - t),
        "dprob_dscore": lambda prob: prob * (1 - prob),
        "dloss_dscore": lambda dloss_dprob, dprob_dscore: dloss_dprob * dprob_dscore,
        "dloss_dwout": lambda dloss_dscore, hact: dloss_dscore @ hact,
        "dloss_dhact": lambda dloss_dscore, wout: dloss_dscore[:, None] * wout,
        "dhact_dh": lambda h: (h > 0).to(h.dtype),
        "dloss_dh": lambda dloss_dhact, dhact_dh: dloss_dhact * dhact_dh,
        "dloss_dW": lambda X, dloss_dh: X.T @ dloss_dh,
    },
    misconceptions=(
        Misconception(
            "no-factor-two",  # 25
            {"dloss_dprob": lambda prob, t: prob - t},
            "What is the derivative of a square?",
        ),
        Misconception(
            "no-relu-mask",  # 27
            {"dhact_dh": lambda h: torch.ones_like(h)},
            "ReLU lets the gradient through only where its input was positive.",
        ),
    ),
)
