"""What students get wrong about one observation's backprop; numbers are those of the catalogue of wrong solutions."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "h": lambda x, W: x @ W,
        "hact": lambda h: torch.relu(h),
        "score": lambda hact, wout: hact @ wout,
        "prob": lambda score: torch.sigmoid(score),
        "dloss_dprob": lambda prob, t: (2 * (prob - t)).sum(),
        "dprob_dscore": lambda prob: prob * (1 - prob),
        "dloss_dscore": lambda dloss_dprob, dprob_dscore: dloss_dprob * dprob_dscore,
        "dloss_dwout": lambda dloss_dscore, hact: dloss_dscore * hact,
        "dloss_dhact": lambda dloss_dscore, wout: dloss_dscore * wout,
        "dhact_dh": lambda h: (h > 0).to(h.dtype),
        "dloss_dh": lambda dloss_dhact, dhact_dh: dloss_dhact * dhact_dh,
        "dloss_dW": lambda x, dloss_dh: torch.outer(x, dloss_dh),
    },
    misconceptions=(
        Misconception(
            "relu-skipped",  # 46
            {"hact": lambda h: h},
            "These gradients belong to a forward pass without ReLU: keep the values of the right one.",
        ),
        Misconception(
            "half-precision",  # 68
            {"h": lambda x, W: (x.half() @ W.half()).to(x.dtype)},
            "Half precision keeps only three digits: stay with float32.",
        ),
        Misconception(
            "unstable-sigmoid",  # 71
            {"prob": lambda score: torch.exp(score) / (1 + torch.exp(score))},
            "This way to write sigmoid overflows for a large score; torch.sigmoid does not.",
            advice=True,
        ),
        Misconception(
            "no-factor-two",  # 25
            {"dloss_dprob": lambda prob, t: (prob - t).sum()},
            "What is the derivative of a square?",
        ),
        Misconception(
            "sign-flipped",  # 26
            {"dloss_dprob": lambda prob, t: (2 * (t - prob)).sum()},
            "If prob is above the target, does the loss rise or fall when prob rises?",
        ),
        Misconception(
            "loss-as-its-own-derivative",  # 44
            {"dloss_dprob": lambda prob, t: ((prob - t) ** 2).sum()},
            "The chain starts with the derivative of the loss, and this is the loss itself.",
        ),
        Misconception(
            "absolute-error",  # 45
            {"dloss_dprob": lambda prob, t: (2 * (prob - t).abs()).sum()},
            "The sign matters: it tells in which direction prob should move.",
        ),
        Misconception(
            "integer-target",  # 67
            {"dloss_dprob": lambda prob, t: (2 * (prob - t.long())).sum()},
            "The target may lie between 0 and 1: keep it a float.",
        ),
        Misconception(
            "no-sigmoid-derivative",  # 33
            {"dprob_dscore": lambda prob: torch.ones_like(prob)},
            "One link of the chain is missing: between prob and score sits sigmoid.",
        ),
        Misconception(
            "sigmoid-of-the-probability",  # 34
            {"dprob_dscore": lambda prob: torch.sigmoid(prob) * (1 - torch.sigmoid(prob))},
            "prob is already sigma(score): another sigmoid on top is one too many.",
        ),
        Misconception(
            "probability-and-score-mixed",  # 35
            {"dprob_dscore": lambda prob, score: prob * (1 - score)},
            "Both factors of sigmoid's derivative are made of the same quantity.",
        ),
        Misconception(
            "score-for-probability",  # 36
            {"dprob_dscore": lambda score: score * (1 - score)},
            "The pattern is right; which quantity stands in it, the score or its sigmoid?",
        ),
        Misconception(
            "sigmoid-of-one-minus-score",  # 36
            {"dprob_dscore": lambda score: torch.sigmoid(score) * torch.sigmoid(1 - score)},
            "1 - sigma(z) is not sigma(1 - z): try z = 0.",
        ),
        Misconception(
            "only-the-probability",  # 37
            {"dprob_dscore": lambda prob: prob},
            "Half of sigmoid's derivative is missing: where prob is 1 the curve is flat.",
        ),
        Misconception(
            "only-one-minus-probability",  # 38
            {"dprob_dscore": lambda prob: 1 - prob},
            "Half of sigmoid's derivative is missing: where prob is 0 the curve is flat too.",
        ),
        Misconception(
            "tanh-derivative",  # 39
            {"dprob_dscore": lambda prob: 1 - prob * prob},
            "That is the derivative of tanh; sigmoid's is at most 1/4.",
        ),
        Misconception(
            "cross-entropy-derivative",  # 40
            {"dloss_dscore": lambda prob, t: (prob - t).sum()},
            "prob - t is what the cross-entropy gives; the squared error keeps two more factors.",
        ),
        Misconception(
            "before-relu",  # 41
            {"dloss_dwout": lambda dloss_dscore, h: dloss_dscore * h},
            "The output layer multiplies wout with the hidden layer after ReLU.",
        ),
        Misconception(
            "wout-as-its-own-derivative",  # 70
            {"dloss_dwout": lambda dloss_dscore, wout: dloss_dscore * wout},
            "The derivative of a product by one factor is the other factor.",
        ),
        Misconception(
            "no-output-weights",  # 42
            {"dloss_dhact": lambda dloss_dscore, wout: dloss_dscore * torch.ones_like(wout)},
            "On its way back to the hidden layer the gradient passes the output layer's weights.",
        ),
        Misconception(
            "relu-on-the-gradient",  # 47
            {"dloss_dhact": lambda dloss_dscore, wout: torch.relu(dloss_dscore * wout)},
            "ReLU's slope depends on h, not on the sign of the gradient that arrives.",
        ),
        Misconception(
            "update-before-gradient",  # 50
            {
                "dloss_dhact": lambda dloss_dscore, wout, dloss_dwout, constant: (
                    dloss_dscore * (wout - constant * dloss_dwout)
                )
            },
            "Gradients first, then the update: dloss/dW needs the weights of the forward pass.",
            constant=0.1,
        ),
        Misconception(
            "no-relu-mask",  # 27
            {"dhact_dh": lambda h: torch.ones_like(h)},
            "ReLU lets the gradient through only where its input was positive.",
        ),
        Misconception(
            "mask-at-zero",  # 28
            {"dhact_dh": lambda h: (h >= 0).to(h.dtype)},
            "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing.",
            advice=True,
        ),
        Misconception(
            "relu-instead-of-slope",  # 30
            {"dhact_dh": lambda h: torch.relu(h)},
            "This multiplies by ReLU's value; its slope takes only two values.",
        ),
        Misconception(
            "sign-instead-of-slope",  # 31
            {"dhact_dh": lambda h: torch.sign(h)},
            "Switched off means 0, not -1.",
        ),
        Misconception(
            "mask-of-the-weights",  # 32
            {"dhact_dh": lambda wout: (wout > 0).to(wout.dtype)},
            "ReLU looks at h: the mask is made from the wrong tensor.",
        ),
        Misconception(
            "leaky-slope",  # 49
            {"dhact_dh": lambda h, constant: torch.where(h > 0, torch.ones_like(h), constant * torch.ones_like(h))},
            "Plain ReLU is flat left of 0.",
            constant=0.01,
        ),
        Misconception(
            "mask-of-the-input",  # 29
            {"dloss_dW": lambda x, dloss_dhact: torch.outer(torch.relu(x), dloss_dhact)},
            "ReLU is applied to h, not to x: where does the mask belong?",
        ),
        Misconception(
            "no-input",  # 43
            {"dloss_dW": lambda x, dloss_dh: torch.outer(torch.ones_like(x), dloss_dh)},
            "The last link is missing: how does h change with W?",
        ),
        Misconception(
            "relu-on-the-result",  # 48
            {"dloss_dW": lambda x, dloss_dh: torch.relu(torch.outer(x, dloss_dh))},
            "Gradients may be negative: ReLU acts in the forward pass only.",
        ),
        Misconception(
            "transposed",  # 62
            {"dloss_dW": lambda x, dloss_dh: torch.outer(dloss_dh, x)},
            "A gradient has the shape of what it is the gradient of: W has shape (D, H).",
        ),
        Misconception(
            "reshaped-instead-of-transposed",  # 63
            {"dloss_dW": lambda x, dloss_dh: torch.outer(dloss_dh, x).reshape(len(x), -1)},
            "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        ),
    ),
)
