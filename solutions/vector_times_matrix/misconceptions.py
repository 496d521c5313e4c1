"""What students get wrong on the way back through y = v W."""

import torch

from grader.misconception import Chain, Misconception

chain = Chain(
    links={
        "dloss_dv": lambda W, dloss_dy: W @ dloss_dy,
        "dloss_dW": lambda v, dloss_dy: torch.outer(v, dloss_dy),
    },
    misconceptions=(
        Misconception(
            "upstream-of-ones",
            {
                "dloss_dv": lambda W: W.sum(1),
                "dloss_dW": lambda v, dloss_dy: torch.outer(v, torch.ones_like(dloss_dy)),
            },
            "The entries of y do not matter equally to the loss: where does dloss/dy enter?",
        ),
        Misconception(
            "weights-not-transposed",
            {"dloss_dv": lambda W, dloss_dy: dloss_dy @ W},
            "On the way back, what was summed over (D) is free and what was free (H) is summed over.",
        ),
        Misconception(
            "not-summed",
            {"dloss_dv": lambda W, dloss_dy: W * dloss_dy},
            "v_d reaches every output: its gradient is the sum over the outputs, of shape (D,).",
        ),
        Misconception(
            "upstream-summed",
            {
                "dloss_dv": lambda W, dloss_dy: W.sum(1) * dloss_dy.sum(),
                "dloss_dW": lambda v, dloss_dy: torch.outer(v, torch.ones_like(dloss_dy)) * dloss_dy.sum(),
            },
            "Pair each output with its own upstream number before you sum.",
        ),
        Misconception(
            "averaged",
            {"dloss_dv": lambda W, dloss_dy: (W * dloss_dy).mean(1)},
            "The ways through which v_d reaches the loss add up; they are not averaged.",
        ),
        Misconception(
            "gradient-as-column",
            {"dloss_dv": lambda W, dloss_dy: W @ dloss_dy[:, None]},
            "The values are right; v has shape (D,), and so has its gradient.",
        ),
        Misconception(
            "transposed",
            {"dloss_dW": lambda v, dloss_dy: torch.outer(dloss_dy, v)},
            "A gradient has the shape of what it is the gradient of: W has shape (D, H).",
        ),
        Misconception(
            "reshaped-instead-of-transposed",
            {"dloss_dW": lambda v, dloss_dy: torch.outer(dloss_dy, v).reshape(len(v), -1)},
            "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        ),
        Misconception(
            "times-weights",
            {"dloss_dW": lambda v, W, dloss_dy: torch.outer(v, dloss_dy) * W},
            "y is linear in W: does W still occur in the derivative by W?",
        ),
        Misconception(
            "v-forgotten",
            {"dloss_dW": lambda v, dloss_dy: torch.outer(torch.ones_like(v), dloss_dy)},
            "A weight is multiplied by an entry of v: how much does y move when the weight moves?",
        ),
        Misconception(
            "sign-flipped",
            {
                "dloss_dv": lambda W, dloss_dy: -(W @ dloss_dy),
                "dloss_dW": lambda v, dloss_dy: -torch.outer(v, dloss_dy),
            },
            "Every sign is the other way round. A gradient is not yet a step downhill.",
        ),
    ),
)
