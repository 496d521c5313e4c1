"""The local derivatives: what each link of the chain contributes on its own, for one observation."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from grader.exercise import Exercise, Uniform, Value


def loss(
    x: Float[Tensor, "D"], t: Float[Tensor, ""], W: Float[Tensor, "D H"], wout: Float[Tensor, "H"]
) -> Float[Tensor, ""]:
    h = x @ W
    hact = torch.relu(h)
    score = hact @ wout
    prob = torch.sigmoid(score)
    return (prob - t) ** 2


def derivative(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Of one link, with everything before it held fixed; entries of a vector-valued link are summed."""
    with torch.enable_grad():
        at = at.detach().requires_grad_()
        return torch.autograd.grad(function(at).sum(), at)[0]


def by_prob(x: Tensor, t: Tensor, W: Tensor, wout: Tensor) -> Tensor:
    return derivative(lambda prob: (prob - t) ** 2, torch.sigmoid(torch.relu(x @ W) @ wout))


def by_score(x: Tensor, W: Tensor, wout: Tensor) -> Tensor:
    return derivative(torch.sigmoid, torch.relu(x @ W) @ wout)


def by_wout(x: Tensor, W: Tensor, wout: Tensor) -> Tensor:
    return derivative(lambda wout: torch.relu(x @ W) @ wout, wout)


def by_hact(x: Tensor, W: Tensor, wout: Tensor) -> Tensor:
    return derivative(lambda hact: hact @ wout, torch.relu(x @ W))


def by_h(x: Tensor, W: Tensor) -> Tensor:
    return derivative(torch.relu, x @ W)


def by_W(x: Tensor, W: Tensor) -> Tensor:
    return derivative(lambda W: x @ W, W)


exercise = Exercise(
    title="The local derivatives",
    entry_point="local_derivatives",
    forward=loss,
    asks={
        "dloss_dprob": Value(of=by_prob),
        "dprob_dscore": Value(of=by_score, points=2),
        "dscore_dwout": Value(of=by_wout),
        "dscore_dhact": Value(of=by_hact),
        "dhact_dh": Value(of=by_h, points=2),
        "dh_dW": Value(of=by_W),
    },
    sizes={"D": (1, 16), "H": (1, 16)},
    inputs={"t": Uniform(0, 1)},
    requires=("forward_pass",),
)
