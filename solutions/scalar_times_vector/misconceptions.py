"""What students get wrong on the way back through y = c * v."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "dloss_dc": lambda v, dloss_dy: v @ dloss_dy,
        "dloss_dv": lambda c, dloss_dy: c * dloss_dy,
    },
    misconceptions=(
        Misconception(
            "upstream-of-ones",
            {"dloss_dc": lambda v: v.sum(), "dloss_dv": lambda c, v: c * torch.ones_like(v)},
            "The entries of y do not matter equally to the loss: where does dloss/dy enter?",
        ),
        Misconception(
            "not-summed",
            {"dloss_dc": lambda v, dloss_dy: v * dloss_dy},
            "c was used once per entry of y, so its gradient is one number: how do the uses combine?",
        ),
        Misconception(
            "averaged",
            {"dloss_dc": lambda v, dloss_dy: (v * dloss_dy).mean()},
            "The uses of c add up; they are not averaged.",
        ),
        Misconception(
            "number-with-an-axis",
            {"dloss_dc": lambda v, dloss_dy: (v * dloss_dy).sum(0, keepdim=True)},
            "The value is right; c has shape (), so its gradient has no axis either.",
        ),
        Misconception(
            "product-of-sums",
            {"dloss_dc": lambda v, dloss_dy: v.sum() * dloss_dy.sum()},
            "Pair each entry of v with its own upstream number before you sum.",
        ),
        Misconception(
            "derivative-of-the-other-factor",
            {"dloss_dc": lambda c, dloss_dy: (c * dloss_dy).sum(), "dloss_dv": lambda v, dloss_dy: v * dloss_dy},
            "The derivative of a product by one factor is the other factor.",
        ),
        Misconception(
            "upstream-summed",
            {"dloss_dv": lambda c, v, dloss_dy: c * dloss_dy.sum() * torch.ones_like(v)},
            "Entry i of v touches only entry i of y: it needs only that upstream number.",
        ),
        Misconception(
            "c-forgotten",
            {"dloss_dv": lambda dloss_dy: dloss_dy * 1},
            "v is stretched by c on the way to y: what happens to its gradient?",
        ),
        Misconception(
            "divided-by-c",
            {"dloss_dv": lambda c, dloss_dy: dloss_dy / c},
            "Going back through a product does not undo it: multiply, do not divide.",
        ),
        Misconception(
            "sign-flipped",
            {"dloss_dc": lambda v, dloss_dy: -(v @ dloss_dy), "dloss_dv": lambda c, dloss_dy: -c * dloss_dy},
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
