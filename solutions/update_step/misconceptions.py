"""What students get wrong about the update step."""

import torch
from torch import Tensor

from grader.misconception import Chain, Misconception


def step_gradients(x: Tensor, v: Tensor) -> Tensor:
    """The gradient of each piece of the total score by W, stacked: (H, D, H) or (N, D, H)."""
    if x.ndim == 1:
        return torch.diag(v)[:, None, :] * x[:, None]
    return x[:, :, None] * v


def sum_over_observations(h: Tensor) -> Tensor:
    return h if h.ndim == 1 else h.sum(0)


chain = Chain(
    links={
        "h": lambda x, W: x @ W,
        "step_gradients": step_gradients,
        "dscore_dW": lambda step_gradients: step_gradients.sum(0),
        "dscore_dv": sum_over_observations,
        "W_path": lambda W, lr, step_gradients: W - lr * step_gradients.cumsum(0),
        "W_new": lambda W, lr, dscore_dW: W - lr * dscore_dW,
        "v_new": lambda v, lr, dscore_dv: v - lr * dscore_dv,
    },
    misconceptions=(
        Misconception(
            "adds-the-gradient",
            {
                "W_path": lambda W, lr, step_gradients: W + lr * step_gradients.cumsum(0),
                "W_new": lambda W, lr, dscore_dW: W + lr * dscore_dW,
                "v_new": lambda v, lr, dscore_dv: v + lr * dscore_dv,
            },
            "The gradient points uphill: in which direction does gradient descent walk?",
        ),
        Misconception(
            "every-step-from-the-start",
            {"W_path": lambda W, lr, step_gradients: W - lr * step_gradients},
            "Each step starts where the one before it ended, not at the first W.",
        ),
        Misconception(
            "steps-instead-of-weights",
            {"W_path": lambda lr, step_gradients: lr * step_gradients},
            "These are the steps themselves; the path lists the weights after each of them.",
        ),
        Misconception(
            "start-included",
            {"W_path": lambda W, lr, step_gradients: torch.cat([W[None], W - lr * step_gradients[:-1].cumsum(0)])},
            "The path begins after the first step, and the weights after the last step belong to it.",
        ),
        Misconception(
            "start-included-and-end-too",
            {"W_path": lambda W, lr, step_gradients: torch.cat([W[None], W - lr * step_gradients.cumsum(0)])},
            "The path has one entry too many: it begins after the first step.",
        ),
        Misconception(
            "no-learning-rate",
            {
                "W_path": lambda W, step_gradients: W - step_gradients.cumsum(0),
                "W_new": lambda W, dscore_dW: W - dscore_dW,
                "v_new": lambda v, dscore_dv: v - dscore_dv,
            },
            "The learning rate says how far to walk along the gradient: where is it?",
        ),
        Misconception(
            "divided-by-learning-rate",
            {
                "W_path": lambda W, lr, step_gradients: W - step_gradients.cumsum(0) / lr,
                "W_new": lambda W, lr, dscore_dW: W - dscore_dW / lr,
                "v_new": lambda v, lr, dscore_dv: v - dscore_dv / lr,
            },
            "A smaller learning rate means a smaller step.",
        ),
        Misconception(
            "v-forgotten",
            {"step_gradients": lambda x, v: step_gradients(x, torch.ones_like(v))},
            "Hidden unit i reaches the score through v_i: how strongly does a change of h_i arrive there?",
        ),
        Misconception(
            "mean-instead-of-sum",
            {
                "dscore_dW": lambda step_gradients: step_gradients.mean(0),
                "dscore_dv": lambda h: h if h.ndim == 1 else h.mean(0),
            },
            "One step with the sum of the gradients equals all the small steps; with their average it falls short.",
        ),
        Misconception(
            "last-step-only",
            {"W_new": lambda W, lr, step_gradients: W - lr * step_gradients[-1]},
            "Only the last gradient was subtracted: is something overwritten where it should be added up?",
        ),
        Misconception(
            "first-step-only",
            {"W_new": lambda W, lr, step_gradients: W - lr * step_gradients[0]},
            "Only the first gradient was subtracted: one step has to do the work of all of them.",
        ),
        Misconception(
            "updates-before-gradients",  # 50
            {"v_new": lambda v, lr, x, W_new: v - lr * sum_over_observations(x @ W_new)},
            "Both gradients are taken at the old weights: compute all of them first, then update.",
        ),
        Misconception(
            "step-instead-of-weights",
            {
                "W_new": lambda lr, dscore_dW: -lr * dscore_dW,
                "v_new": lambda lr, dscore_dv: -lr * dscore_dv,
            },
            "That is the step alone: from where is it taken?",
        ),
    ),
)
