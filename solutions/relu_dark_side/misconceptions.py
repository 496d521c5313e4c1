"""What students get wrong about dead units, the bias's gradient and the flat ends of sigmoid."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "h": lambda X, W, b: X @ W + b,
        "hact": lambda h: torch.relu(h),
        "score": lambda hact, wout: hact @ wout,
        "prob": lambda score: torch.sigmoid(score),
        "slope": lambda prob: prob * (1 - prob),
        "dhact_dh": lambda h: (h > 0).to(h.dtype),
        "dprob_dh": lambda slope, wout, dhact_dh: slope[:, None] * wout * dhact_dh,
        "dead": lambda h: (h <= 0).all(0),
        "dprob_db": lambda dprob_dh: dprob_dh.sum(0),
        "flat": lambda slope: slope < 0.01,
    },
    misconceptions=(
        Misconception(
            "bias-forgotten",
            {"h": lambda X, W: X @ W},
            "The bias shifts every hidden value before ReLU: is it in the forward pass?",
        ),
        Misconception(
            "relu-skipped",
            {"hact": lambda h: h},
            "These numbers belong to a forward pass without ReLU.",
        ),
        Misconception(
            "no-sigmoid-derivative",
            {"dprob_dh": lambda wout, dhact_dh, slope: wout * dhact_dh * torch.ones_like(slope)[:, None]},
            "One link of the chain is missing: between prob and score sits sigmoid.",
        ),
        Misconception(
            "no-relu-mask",
            {"dhact_dh": lambda h: torch.ones_like(h)},
            "A dead unit learns nothing: its bias's gradient is 0.",
        ),
        Misconception(
            "relu-instead-of-slope",
            {"dhact_dh": lambda h: torch.relu(h)},
            "This multiplies by ReLU's value; its slope takes only two values.",
        ),
        Misconception(
            "mask-at-zero",
            {"dhact_dh": lambda h: (h >= 0).to(h.dtype)},
            "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing.",
            advice=True,
        ),
        Misconception(
            "no-output-weights",
            {"dprob_dh": lambda slope, dhact_dh: slope[:, None] * dhact_dh},
            "On its way back to the hidden layer the gradient passes wout.",
        ),
        Misconception(
            "off-for-one-observation",
            {"dead": lambda h: (h <= 0).any(0)},
            "Off for one observation is normal; a dead unit is off for all of them.",
        ),
        Misconception(
            "off-on-average",
            {"dead": lambda h: h.mean(0) <= 0},
            "One observation that wakes the unit is enough to keep it alive, whatever the average is.",
        ),
        Misconception(
            "alive-instead-of-dead",
            {"dead": lambda h: (h > 0).any(0)},
            "These are the units that are alive: the question asks for the others.",
        ),
        Misconception(
            "negative-bias-means-dead",
            {"dead": lambda b: b < 0},
            "A negative bias can be outweighed by the inputs: look at h for every observation.",
        ),
        Misconception(
            "dead-per-observation",
            {"dead": lambda h: h <= 0},
            "That says who is off where, (N, H); being dead is a property of a unit, (H,).",
        ),
        Misconception(
            "observations-instead-of-units",
            {"dead": lambda h: (h <= 0).all(1)},
            "This looks for observations that wake no unit: along which axis do the observations lie?",
        ),
        Misconception(
            "not-summed-over-the-batch",
            {"dprob_db": lambda dprob_dh: dprob_dh * 1},
            "b is shared by all observations: how do their gradients combine into shape (H,)?",
        ),
        Misconception(
            "mean-instead-of-sum",
            {"dprob_db": lambda dprob_dh: dprob_dh.mean(0)},
            "The observations' gradients are added up, not averaged.",
        ),
        Misconception(
            "last-observation-only",
            {"dprob_db": lambda dprob_dh: dprob_dh[-1]},
            "Every observation contributes, and here only the last one does: is += missing in a loop?",
        ),
        Misconception(
            "mask-of-any-observation",
            {"dprob_db": lambda slope, wout, h: slope.sum() * wout * (h > 0).any(0)},
            "A unit may be active for one observation and off for the next: one mask for each.",
        ),
        Misconception(
            "times-bias",
            {"dprob_db": lambda dprob_dh, b: dprob_dh.sum(0) * b},
            "h contains b once and undisturbed: what is dh/db?",
        ),
        Misconception(
            "sign-flipped",
            {"dprob_db": lambda dprob_dh: -dprob_dh.sum(0)},
            "Every sign is the other way round: b is added to h.",
        ),
        Misconception(
            "flat-on-one-side",
            {"flat": lambda prob: prob < 0.01},
            "Sigmoid is flat at both ends: what about a probability near 1?",
        ),
        Misconception(
            "steep-instead-of-flat",
            {"flat": lambda slope: slope >= 0.01},
            "These are the observations that still learn: the question asks for the others.",
        ),
    ),
)
