"""What students get wrong about the score's gradient for a batch; numbers are those of the catalogue."""

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception


def by_mask(X: Tensor, wout: Tensor, mask: Tensor) -> Tensor:
    """The batch summed before the product, as in the seed: sums of inputs, times wout, times one mask."""
    return X.sum(0)[:, None] * wout * mask


chain = Chain(
    links={
        "h": lambda X, W: X @ W,
        "hact": lambda h: torch.relu(h),
        "dscore_dhact": lambda h, wout: wout.expand_as(h),
        "dhact_dh": lambda h: (h > 0).to(h.dtype),
        "dscore_dh": lambda dscore_dhact, dhact_dh: dscore_dhact * dhact_dh,
        "dscore_dW": lambda X, dscore_dh: X.T @ dscore_dh,
        "dscore_dwout": lambda hact: hact.sum(0),
    },
    misconceptions=(
        Misconception(
            "batch-summed-first",  # 58
            {"dscore_dW": lambda X, wout, dhact_dh: by_mask(X, wout, dhact_dh)},
            "Multiply per observation first, sum over the batch last. It fits only if N happens to equal D.",
        ),
        Misconception(
            "mask-summed-first",  # 59, and 61: with nothing between mask and score they are the same
            {"dscore_dW": lambda X, wout, dhact_dh: by_mask(X, wout, dhact_dh.sum(0))},
            "The sum of products is not the product of sums: multiply with the mask before you sum.",
        ),
        Misconception(
            "mask-averaged-first",  # 60
            {"dscore_dW": lambda X, wout, dhact_dh: by_mask(X, wout, dhact_dh.mean(0))},
            "An average mask does not know which observation it was open for: multiply before you sum.",
        ),
        Misconception(
            "first-observation's-mask",  # 55
            {"dhact_dh": lambda h: (h[:1] > 0).to(h.dtype)},
            "The units that are active differ from observation to observation: one mask for each.",
        ),
        Misconception(
            "mask-of-any-observation",  # 56
            {"dhact_dh": lambda h: (h > 0).any(0).to(h.dtype)},
            "A unit may be active for one observation and off for the next: one mask for each.",
        ),
        Misconception(
            "mask-of-the-summed-batch",  # 57
            {"dhact_dh": lambda h: (h.sum(0) > 0).to(h.dtype)},
            "ReLU acts on every observation before anything is summed over the batch.",
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
            "no-output-weights",  # 42
            {"dscore_dhact": lambda h: torch.ones_like(h)},
            "A hidden unit reaches the score through its weight in wout: where is it?",
        ),
        Misconception(
            "seed's-helper-on-the-output-layer",  # 72
            {"dscore_dW": lambda X, wout, dhact_dh: X.sum(0)[:, None] * dhact_dh * wout[:, None].repeat(1, len(wout))},
            "score = hact @ wout has no matrix of weights: which axis of hact is the batch, and which meets wout?",
        ),
        Misconception(
            "last-observation-only",  # 54
            {
                "dscore_dW": lambda X, dscore_dh: torch.outer(X[-1], dscore_dh[-1]),
                "dscore_dwout": lambda hact: hact[-1],
            },
            "Every observation contributes, and here only the last one does: is += missing in a loop?",
        ),
        Misconception(
            "mean-instead-of-sum",  # 51
            {
                "dscore_dW": lambda X, dscore_dh: X.T @ dscore_dh / len(X),
                "dscore_dwout": lambda hact: hact.mean(0),
            },
            "The scores of the batch are added up, not averaged.",
        ),
        Misconception(
            "no-input",  # 43
            {"dscore_dW": lambda X, dscore_dh: torch.ones_like(X).T @ dscore_dh},
            "The last link is missing: how does h change with W?",
        ),
        Misconception(
            "transposed",  # 62
            {"dscore_dW": lambda X, dscore_dh: dscore_dh.T @ X},
            "A gradient has the shape of what it is the gradient of: W has shape (D, H).",
        ),
        Misconception(
            "sign-flipped",
            {"dscore_dW": lambda X, dscore_dh: -X.T @ dscore_dh},
            "Every sign is the other way round: nothing is subtracted on the way to the score.",
        ),
        Misconception(
            "before-relu",  # 41
            {"dscore_dwout": lambda h: h.sum(0)},
            "The output layer multiplies wout with the hidden layer after ReLU.",
        ),
        Misconception(
            "not-summed-over-the-batch",  # 65
            {"dscore_dwout": lambda hact: hact},
            "This is one gradient per observation; the batch's is their sum.",
        ),
    ),
)
