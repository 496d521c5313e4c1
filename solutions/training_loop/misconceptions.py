"""What students get wrong in a training loop by hand; numbers are those of the catalogue of wrong solutions."""

from collections.abc import Callable

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception

Gradients = tuple[Tensor, Tensor]
Step = Callable[[Tensor, Tensor], Gradients]


def gradients(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, masked: bool = True, scale: float = 2.0) -> Gradients:
    """dloss_dW and dloss_dwout of the batch."""
    h = X @ W
    hact = torch.relu(h)
    prob = torch.sigmoid(hact @ wout)
    dloss_dscore = scale * (prob - t) * prob * (1 - prob)
    dloss_dh = dloss_dscore[:, None] * wout
    return X.T @ (dloss_dh * (h > 0) if masked else dloss_dh), dloss_dscore @ hact


def descend(
    W: Tensor, wout: Tensor, lr: float, steps: int, step: Step, update: Callable[..., Gradients]
) -> list[Gradients]:
    """What the loop sees: gradients and then new weights, step by step."""
    seen = []
    for _ in range(steps):
        dW, dwout = step(W, wout)
        seen.append((dW, dwout))
        W, wout = update(W, wout, lr, dW, dwout)
    return [*seen, (W, wout)]


def one_weight_first(W: Tensor, wout: Tensor, lr: float, steps: int, step: Step) -> list[Gradients]:
    """The leak: wout is updated before the gradient of W is taken."""
    seen = []
    for _ in range(steps):
        dwout = step(W, wout)[1]
        wout = wout - lr * dwout
        dW = step(W, wout)[0]
        W = W - lr * dW
        seen.append((dW, dwout))
    return [*seen, (W, wout)]


def loss_at(X: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> Tensor:
    return ((torch.sigmoid(torch.relu(X @ W) @ wout) - t) ** 2).sum()


chain = Chain(
    links={
        "step": lambda X, t: lambda W, wout: gradients(X, t, W, wout),
        "update": lambda: lambda W, wout, lr, dW, dwout: (W - lr * dW, wout - lr * dwout),
        "seen": descend,
        "dloss_dW": lambda seen: torch.stack([dW for dW, _ in seen[:-1]]),
        "dloss_dwout": lambda seen: torch.stack([dwout for _, dwout in seen[:-1]]),
        "loss": lambda X, t, seen: loss_at(X, t, *seen[-1]),
    },
    misconceptions=(
        Misconception(
            "no-factor-two",  # 25
            {"step": lambda X, t: lambda W, wout: gradients(X, t, W, wout, scale=1.0)},
            "What is the derivative of a square?",
        ),
        Misconception(
            "sign-flipped",  # 26
            {"step": lambda X, t: lambda W, wout: gradients(X, t, W, wout, scale=-2.0)},
            "If prob is above the target, does the loss rise or fall when prob rises?",
        ),
        Misconception(
            "mean-instead-of-sum",  # 51
            {"step": lambda X, t: lambda W, wout: gradients(X, t, W, wout, scale=2.0 / len(t))},
            "The loss of the batch is a sum over its observations, not their average.",
        ),
        Misconception(
            "no-relu-mask",  # 27
            {"step": lambda X, t: lambda W, wout: gradients(X, t, W, wout, masked=False)},
            "ReLU lets the gradient through only where its input was positive.",
        ),
        Misconception(
            "walks-uphill",
            {"update": lambda: lambda W, wout, lr, dW, dwout: (W + lr * dW, wout + lr * dwout)},
            "The loss should fall from step to step: in which direction does gradient descent walk?",
        ),
        Misconception(
            "no-learning-rate",
            {"update": lambda: lambda W, wout, lr, dW, dwout: (W - dW, wout - dwout)},
            "The learning rate says how far to walk along the gradient: where is it?",
        ),
        Misconception(
            "learning-rate-averaged",
            {"update": lambda X: lambda W, wout, lr, dW, dwout: (W - lr / len(X) * dW, wout - lr / len(X) * dwout)},
            "The step is lr times the gradient: nothing is divided by the size of the batch.",
        ),
        Misconception(
            "never-updates",
            {"update": lambda: lambda W, wout, lr, dW, dwout: (W, wout)},
            "All steps start from the same weights: is the update kept for the next round?",
        ),
        Misconception(
            "only-W-updated",
            {"update": lambda: lambda W, wout, lr, dW, dwout: (W - lr * dW, wout)},
            "wout learns too.",
        ),
        Misconception(
            "only-wout-updated",
            {"update": lambda: lambda W, wout, lr, dW, dwout: (W, wout - lr * dwout)},
            "W learns too.",
        ),
        Misconception(
            "updates-before-gradients",  # 50
            {"seen": one_weight_first},
            "Gradients first, then the update: both belong to the same weights.",
        ),
        Misconception(
            "accumulated-gradients",
            {
                "dloss_dW": lambda seen: torch.stack([dW for dW, _ in seen[:-1]]).cumsum(0),
                "dloss_dwout": lambda seen: torch.stack([dwout for _, dwout in seen[:-1]]).cumsum(0),
            },
            "Each step has a gradient of its own: start from 0 again instead of adding to the last one.",
        ),
        Misconception(
            "last-step-only",
            {"dloss_dW": lambda seen: seen[-2][0], "dloss_dwout": lambda seen: seen[-2][1]},
            "The gradients of every step are asked for, stacked along a first axis of size steps.",
        ),
        Misconception(
            "transposed",  # 62
            {"dloss_dW": lambda seen: torch.stack([dW.T for dW, _ in seen[:-1]])},
            "A gradient has the shape of what it is the gradient of: W has shape (D, H).",
        ),
        Misconception(
            "loss-before-the-last-update",
            {
                "loss": lambda X, t, W, wout, lr, steps, step, update: loss_at(
                    X, t, *descend(W, wout, lr, steps - 1, step, update)[-1]
                )
            },
            "The loss is asked for after the last update: run the forward pass once more.",
        ),
        Misconception(
            "loss-of-the-start",
            {"loss": lambda X, t, W, wout: loss_at(X, t, W, wout)},
            "This is the loss before any training: use the weights that the loop ends with.",
        ),
        Misconception(
            "average-loss",
            {"loss": lambda X, t, seen: loss_at(X, t, *seen[-1]) / len(t)},
            "The loss of the batch is a sum over its observations, not their average.",
        ),
    ),
)
