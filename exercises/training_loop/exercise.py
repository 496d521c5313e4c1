"""Put together: gradient descent by hand, graded by the gradients of every step and by the loss it reaches."""

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Integers, Uniform, Value


def loss(
    X: Float[Tensor, "N D"],
    t: Float[Tensor, "N"],
    W: Float[Tensor, "D H"],
    wout: Float[Tensor, "H"],
    lr: float,
    steps: int,
) -> Float[Tensor, ""]:
    h = X @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    return ((prob - t) ** 2).sum()  # lr and steps belong to the loop


def train(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of every step, stacked, and the loss after the last one."""
    by_W, by_wout = [], []
    for _ in range(steps):
        with torch.enable_grad():
            weights = (W.detach().requires_grad_(), wout.detach().requires_grad_())
            dW, dwout = torch.autograd.grad(loss(X, t, *weights, lr, steps), weights)
        W, wout = W - lr * dW, wout - lr * dwout
        by_W.append(dW)
        by_wout.append(dwout)
    return torch.stack(by_W), torch.stack(by_wout), loss(X, t, W, wout, lr, steps)


def gradients_of_W(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int) -> Tensor:
    return train(X, t, W, wout, lr, steps)[0]


def gradients_of_wout(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int) -> Tensor:
    return train(X, t, W, wout, lr, steps)[1]


def loss_reached(X: Tensor, t: Tensor, W: Tensor, wout: Tensor, lr: float, steps: int) -> Tensor:
    return train(X, t, W, wout, lr, steps)[2]


exercise = Exercise(
    title="A training loop by hand",
    entry_point="training_loop",
    forward=loss,
    asks={
        "dloss_dW": Value(of=gradients_of_W, points=5),
        "dloss_dwout": Value(of=gradients_of_wout, points=4),
        "loss": Value(of=loss_reached, points=3),
    },
    sizes={"N": (1, 8), "D": (1, 6), "H": (1, 6)},
    inputs={"t": Uniform(0, 1), "lr": Uniform(0.1, 0.5), "steps": Integers(1, 4)},
    requires=("relu_dark_side",),
)
