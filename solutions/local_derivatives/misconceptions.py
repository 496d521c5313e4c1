"""What students get wrong about the local derivatives; numbers are those of the catalogue of wrong solutions."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "h": lambda x, W: x @ W,
        "hact": lambda h: torch.relu(h),
        "score": lambda hact, wout: hact @ wout,
        "prob": lambda score: torch.sigmoid(score),
        "dloss_dprob": lambda prob, t: 2 * (prob - t),
        "dprob_dscore": lambda prob: prob * (1 - prob),
        "dscore_dwout": lambda hact: hact,
        "dscore_dhact": lambda wout: wout,
        "dhact_dh": lambda h: (h > 0).to(h.dtype),
        "dh_dW": lambda x, W: x[:, None].repeat(1, W.shape[1]),
    },
    misconceptions=(
        Misconception(
            "relu-skipped",  # 46
            {"hact": lambda h: h},
            "These numbers belong to a forward pass without ReLU: it sits between h and the output layer.",
        ),
        Misconception(
            "no-factor-two",  # 25
            {"dloss_dprob": lambda prob, t: prob - t},
            "What is the derivative of a square?",
        ),
        Misconception(
            "sign-flipped",  # 26
            {"dloss_dprob": lambda prob, t: 2 * (t - prob)},
            "If prob is above the target, does the loss rise or fall when prob rises?",
        ),
        Misconception(
            "loss-as-its-own-derivative",  # 44
            {"dloss_dprob": lambda prob, t: (prob - t) ** 2},
            "This is the loss itself: differentiate it.",
        ),
        Misconception(
            "absolute-error",  # 45
            {"dloss_dprob": lambda prob, t: 2 * (prob - t).abs()},
            "The sign matters: it tells in which direction prob should move.",
        ),
        Misconception(
            "sigmoid-of-the-probability",  # 34
            {"dprob_dscore": lambda prob: torch.sigmoid(prob) * (1 - torch.sigmoid(prob))},
            "prob is already sigma(score): another sigmoid on top is one too many.",
        ),
        Misconception(
            "score-for-probability",  # 36
            {"dprob_dscore": lambda score: score * (1 - score)},
            "The pattern is right; which quantity stands in it, the score or its sigmoid?",
        ),
        Misconception(
            "probability-and-score-mixed",  # 35
            {"dprob_dscore": lambda prob, score: prob * (1 - score)},
            "Both factors are made of the same quantity: look at the second one.",
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
            "before-relu",  # 41
            {"dscore_dwout": lambda h: h},
            "The output layer multiplies wout with the hidden layer after ReLU.",
        ),
        Misconception(
            "output-derivatives-swapped",
            {"dscore_dwout": lambda wout: wout, "dscore_dhact": lambda hact: hact},
            "The derivative of a product by one factor is the other factor: check which is which.",
        ),
        Misconception(
            "masked-output-weights",
            {"dscore_dhact": lambda wout, h: wout * (h > 0)},
            "This is already two links multiplied: the local derivative of the score does not know about ReLU.",
        ),
        Misconception(
            "relu-instead-of-slope",  # 30
            {"dhact_dh": lambda h: torch.relu(h)},
            "This is ReLU's value; its slope takes only two values.",
        ),
        Misconception(
            "no-relu-mask",  # 27
            {"dhact_dh": lambda h: torch.ones_like(h)},
            "ReLU's slope is not the same everywhere: look left of 0.",
        ),
        Misconception(
            "sign-instead-of-slope",  # 31
            {"dhact_dh": lambda h: torch.sign(h)},
            "Switched off means 0, not -1.",
        ),
        Misconception(
            "leaky-slope",  # 49
            {"dhact_dh": lambda h, constant: torch.where(h > 0, torch.ones_like(h), constant * torch.ones_like(h))},
            "Plain ReLU is flat left of 0.",
            constant=0.01,
        ),
        Misconception(
            "mask-at-zero",  # 28
            {"dhact_dh": lambda h: (h >= 0).to(h.dtype)},
            "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing.",
            advice=True,
        ),
        Misconception(
            "transposed",  # 62
            {"dh_dW": lambda x, W: x[None].repeat(W.shape[1], 1)},
            "dh/dW in its compact form has W's shape: the inputs run down the rows.",
        ),
        Misconception(
            "one-column",
            {"dh_dW": lambda x, W: x[:, None]},
            "The compact form has one column per hidden unit.",
        ),
        Misconception(
            "derivative-by-x",
            {"dh_dW": lambda W: W},
            "That is how h changes with x; here W changes.",
        ),
    ),
)
