"""What students get wrong about dy/dW for y = xW; numbers are those of the catalogue of wrong solutions."""

import torch

from grader.misconception import Chain, Misconception


def rows(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(-1, x.shape[-1])


chain = Chain(
    links={
        "rows": rows,
        "s": lambda rows: rows.sum(0),
        "dy_dW": lambda s, W: s[:, None].repeat(1, W.shape[1]),
    },
    misconceptions=(
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
    ),
)
