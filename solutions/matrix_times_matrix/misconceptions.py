"""What students get wrong on the way back through Y = X W."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "dloss_dX": lambda W, dloss_dY: dloss_dY @ W.T,
        "dloss_dW": lambda X, dloss_dY: X.T @ dloss_dY,
    },
    misconceptions=(
        Misconception(
            "upstream-of-ones",
            {
                "dloss_dX": lambda W, dloss_dY: torch.ones_like(dloss_dY) @ W.T,
                "dloss_dW": lambda X, dloss_dY: X.T @ torch.ones_like(dloss_dY),
            },
            "The entries of Y do not matter equally to the loss: where does dloss/dY enter?",
        ),
        Misconception(
            "weights-not-transposed",
            {"dloss_dX": lambda W, dloss_dY: dloss_dY @ W},
            "dloss/dX has shape (N, D): H must be the axis that is summed away.",
        ),
        Misconception(
            "weights-reshaped-instead-of-transposed",
            {"dloss_dX": lambda W, dloss_dY: dloss_dY @ W.reshape(W.shape[1], W.shape[0])},
            "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        ),
        Misconception(
            "one-row-for-all",
            {"dloss_dX": lambda W, dloss_dY: (dloss_dY.sum(0) @ W.T).expand(len(dloss_dY), -1)},
            "Observation n touches only row n of Y: the rows of dloss/dX do not mix.",
        ),
        Misconception(
            "observations-summed",
            {"dloss_dX": lambda W, dloss_dY: dloss_dY.sum(0) @ W.T},
            "Every observation has a gradient of its own: dloss/dX has X's shape.",
        ),
        Misconception(
            "both-transposed",
            {"dloss_dX": lambda W, dloss_dY: W @ dloss_dY.T, "dloss_dW": lambda X, dloss_dY: dloss_dY.T @ X},
            "A gradient has the shape of what it is the gradient of: compare the axes.",
        ),
        Misconception(
            "product-of-sums",
            {"dloss_dW": lambda X, dloss_dY: torch.outer(X.sum(0), dloss_dY.sum(0))},
            "Pair each observation with its own upstream row, then sum: the product of sums mixes them.",
        ),
        Misconception(
            "mean-instead-of-sum",
            {"dloss_dW": lambda X, dloss_dY: X.T @ dloss_dY / len(X)},
            "Every observation adds its own outer product: they are summed, not averaged.",
        ),
        Misconception(
            "last-observation-only",
            {"dloss_dW": lambda X, dloss_dY: torch.outer(X[-1], dloss_dY[-1])},
            "Every observation contributes, and here only the last one does: is += missing in a loop?",
        ),
        Misconception(
            "one-matrix-per-observation",
            {"dloss_dW": lambda X, dloss_dY: X[:, :, None] * dloss_dY[:, None, :]},
            "One matrix per observation is a good start: W is shared by all of them, so they combine.",
        ),
        Misconception(
            "upstream-summed",
            {"dloss_dW": lambda X, dloss_dY: X.sum(0)[:, None] * dloss_dY.sum() * torch.ones_like(dloss_dY[0])},
            "Output h has its own column of upstream numbers: do not sum over the outputs.",
        ),
        Misconception(
            "sign-flipped",
            {"dloss_dX": lambda W, dloss_dY: -dloss_dY @ W.T, "dloss_dW": lambda X, dloss_dY: -X.T @ dloss_dY},
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
