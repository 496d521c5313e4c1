"""What students get wrong about the Jacobian of h = xW by W, in full and in its compact form."""

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception


def slices(column: Tensor, H: int) -> Tensor:
    """Slice i holds the given column (or the i-th column of a matrix) in column i, zeros elsewhere."""
    columns = column if column.ndim == 2 else column[:, None].expand(-1, H)
    return torch.eye(H, dtype=column.dtype)[:, None, :] * columns[None]


def compact(x: Tensor, W: Tensor) -> Tensor:
    return x[:, None].repeat(1, W.shape[1])


def first_column(x: Tensor, W: Tensor) -> Tensor:
    J = torch.zeros_like(W)
    J[:, 0] = x
    return J


chain = Chain(
    links={
        "dh_dW": lambda x, W: slices(x, W.shape[1]),
        "J": compact,
        "dloss_dW": lambda x, dloss_dh: torch.outer(x, dloss_dh),
    },
    misconceptions=(
        Misconception(
            "every-column-filled",
            {"dh_dW": lambda x, W: compact(x, W)[None].repeat(W.shape[1], 1, 1)},
            "Output i is computed from column i of W only: what is its derivative by a weight of another column?",
        ),
        Misconception(
            "output-axis-last",
            {"dh_dW": lambda x, W: slices(x, W.shape[1]).permute(1, 2, 0).contiguous()},
            "The outputs' axis comes first: slice i of the Jacobian is the matrix of h_i.",
        ),
        Misconception(
            "slices-transposed",
            {"dh_dW": lambda x, W: slices(x, W.shape[1]).permute(0, 2, 1).contiguous()},
            "Each slice has W's shape (D, H): x runs down a column, not along a row.",
        ),
        Misconception(
            "derivative-by-x",
            {"dh_dW": lambda W: slices(W, W.shape[1])},
            "The entries are weights, so this is how h changes with x. Which input differs when W changes?",
        ),
        Misconception(
            "ones-instead-of-x",
            {"dh_dW": lambda x, W: slices(torch.ones_like(x), W.shape[1])},
            "The places are right. A weight is multiplied by an input: by how much does h_i move when it moves?",
        ),
        Misconception(
            "times-weights",
            {"dh_dW": lambda x, W: slices(x[:, None] * W, W.shape[1])},
            "h is linear in W: does W still occur in the derivative by W?",
        ),
        Misconception(
            "weights-flattened",
            {"dh_dW": lambda x, W: slices(x, W.shape[1]).reshape(W.shape[1], -1)},
            "The numbers are right. Keep the two axes of W apart: the result has three axes.",
        ),
        Misconception(
            "compact-transposed",
            {"J": lambda x, W: x[None].repeat(W.shape[1], 1)},
            "The compact form has W's shape: entry (d, i) is the derivative of h_i by the weight from input d.",
        ),
        Misconception(
            "mean-of-slices",
            {"J": lambda x, W: compact(x, W) / W.shape[1]},
            "The slices are added up; an average makes every entry smaller than the derivative it stands for.",
        ),
        Misconception(
            "first-slice-only",
            {"J": first_column},
            "This is the Jacobian of the first output alone: the compact form keeps what every slice has to say.",
        ),
        Misconception(
            "one-column",
            {"J": lambda x, W: x[:, None]},
            "All columns are equal, but there is one per output: J has W's shape.",
        ),
        Misconception(
            "upstream-of-ones",
            {"dloss_dW": lambda x, dloss_dh: torch.outer(x, torch.ones_like(dloss_dh))},
            "The outputs do not matter equally to the loss: where does dloss/dh enter?",
        ),
        Misconception(
            "upstream-summed",
            {"dloss_dW": lambda x, dloss_dh: torch.outer(x, torch.ones_like(dloss_dh)) * dloss_dh.sum()},
            "Weight each slice by its own output's upstream number before you add the slices.",
        ),
        Misconception(
            "contraction-transposed",
            {"dloss_dW": lambda x, dloss_dh: torch.outer(dloss_dh, x)},
            "The gradient has W's shape (D, H): inputs down the rows, outputs along the columns.",
        ),
        Misconception(
            "upstream-squared",
            {"dloss_dW": lambda x, dloss_dh: torch.outer(x, dloss_dh**2)},
            "The upstream gradient enters once: is it multiplied in twice?",
        ),
        Misconception(
            "sign-flipped",
            {"dloss_dW": lambda x, dloss_dh: -torch.outer(x, dloss_dh)},
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
