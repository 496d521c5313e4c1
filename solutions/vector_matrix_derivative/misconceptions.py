"""What students get wrong about dy/dW for y = xW; numbers are those of the catalogue of wrong solutions."""

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception


def rows(x: Tensor) -> Tensor:
    """The observations as rows, also when there is only one."""
    return x.reshape(-1, x.shape[-1])


def columns(s: Tensor, W: Tensor) -> Tensor:
    """The vector s as every column of a matrix as wide as W."""
    return s[:, None].repeat(1, W.shape[1])


def only_last_column(s: Tensor, W: Tensor) -> Tensor:
    result = torch.zeros(len(s), W.shape[1], dtype=s.dtype)
    result[:, -1] = s
    return result


chain = Chain(
    links={"rows": rows, "s": lambda rows: rows.sum(0), "dy_dW": columns},
    misconceptions=(
        Misconception(
            "last-row-only",  # 1
            {"s": lambda rows: rows[-1]},
            "Every observation contributes, and here only the last one does: is something overwritten in a loop?",
        ),
        Misconception(
            "first-row-only",  # 2
            {"s": lambda rows: rows[0]},
            "Every observation contributes, and here only the first one does.",
        ),
        Misconception(
            "mean-instead-of-sum",  # 3
            {"s": lambda rows: rows.mean(0)},
            "Every observation adds its own derivative: is it their sum or their average?",
        ),
        Misconception(
            "transposed",  # 4
            {"dy_dW": lambda s, W: s[None].repeat(W.shape[1], 1)},
            "dy/dW has W's shape: entry (d, h) belongs to the weight from input d to output h.",
        ),
        Misconception(
            "input-along-the-rows",  # 5
            {"dy_dW": lambda s, W: s[None].repeat(len(s), 1)},
            "The inputs vary down the rows of W, not along its columns: try D different from H.",
        ),
        Misconception(
            "one-column",  # 6
            {"dy_dW": lambda s, W: s[:, None]},
            "W has one column per output: how many copies of this column does dy/dW need?",
        ),
        Misconception(
            "vector-result",  # 7
            {"dy_dW": lambda s, W: s},
            "dy/dW is a matrix of W's shape: one number per weight, not one per input.",
        ),
        Misconception(
            "all-inputs-summed",  # 8
            {"dy_dW": lambda s, W: torch.ones_like(W) * s.sum()},
            "Two weights that start at different inputs have different derivatives: keep the input's index.",
        ),
        Misconception(
            "times-weights",  # 9
            {"dy_dW": lambda s, W: s[:, None] * W},
            "y is linear in W: does W itself still occur in the derivative by W?",
        ),
        Misconception(
            "extra-batch-axis",  # 10
            {"dy_dW": lambda s, W: columns(s, W)[None]},
            "The values look right, but there is an axis too many in front: drop it.",
        ),
        Misconception(
            "one-matrix-per-observation",  # 11
            {"dy_dW": lambda rows, W: rows[:, :, None].repeat(1, 1, W.shape[1])},
            "One matrix per observation is a good start; the derivative of the whole batch still has to combine them.",
        ),
        Misconception(
            "reshaped-instead-of-transposed",  # 12
            {"dy_dW": lambda s, W: s.repeat(W.shape[1]).reshape(W.shape)},
            "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        ),
        Misconception(
            "summed-over-inputs",  # 13
            {"dy_dW": lambda rows, W: columns(rows.sum(1), W)},
            "The sum runs over the observations: which axis of x is that?",
        ),
        Misconception(
            "divided-by-outputs",  # 14
            {"dy_dW": lambda s, W: columns(s, W) / W.shape[1]},
            "The outputs' derivatives are added up, not averaged.",
        ),
        Misconception(
            "absolute-values",  # 15
            {"s": lambda rows: rows.sum(0).abs()},
            "Try an observation with negative entries: may a derivative be negative?",
        ),
        Misconception(
            "counted-once-per-output",  # 16
            {"dy_dW": lambda s, W: columns(s, W) * W.shape[1]},
            "Each weight feeds one output only, so its derivative is counted once.",
        ),
        Misconception(
            "input-times-output",  # 17
            {"dy_dW": lambda rows, W: rows.T @ (rows @ W)},
            "This multiplies x with y itself: differentiate y first, and ask what is left of W.",
        ),
        Misconception(
            "integer-result",  # 18
            {"dy_dW": lambda s, W: columns(s, W).long()},
            "Gradients are floats: this result was stored as whole numbers and lost its fractions.",
        ),
        Misconception(
            "squared-inputs",  # 19
            {"s": lambda rows: (rows**2).sum(0)},
            "The degree is too high: y contains x once, so dy/dW does too.",
        ),
        Misconception(
            "divided-by-root-of-batch",  # 20
            {"s": lambda rows: rows.sum(0) / len(rows) ** 0.5},
            "No normalising here: the derivatives of the observations are simply added.",
        ),
        Misconception(
            "first-row-left-out",  # 21
            {"s": lambda rows: rows[1:].sum(0)},
            "The first observation is missing: at which index does Python start counting?",
        ),
        Misconception(
            "first-row-times-batch",  # 22
            {"s": lambda rows: len(rows) * rows[0]},
            "The observations differ from each other, so N times the first one is not their sum.",
        ),
        Misconception(
            "only-last-column-filled",  # 23
            {"dy_dW": only_last_column},
            "Only the last output's column is filled: every output needs one.",
        ),
        Misconception(
            "derivative-by-x",  # 24
            {"dy_dW": lambda W: columns(W.sum(1), W)},
            "That is built from W: it is how y changes with x. Which of the two was asked for?",
        ),
        Misconception(
            "sign-flipped",
            {"dy_dW": lambda s, W: -columns(s, W)},
            "Every sign is the other way round: nothing in y = xW is subtracted.",
        ),
    ),
)
