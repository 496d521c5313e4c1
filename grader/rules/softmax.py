"""Wrong rules for softmax, its logarithm, and its normalisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from grader.rules.reductions import entries, reduced_axes, spread
from grader.rules.rule import DoesNotFit, Operation, Rule, Table


def _dim(o: Operation) -> int:
    dim = o.argument("dim", 1, -1)
    return int(dim[0] if isinstance(dim, (tuple, list)) else dim)


def _other_axis(o: Operation, position: int = 0) -> int:
    """Another axis than the right one, the last ones first."""
    others = [axis for axis in reversed(range(o.x.ndim)) if axis != _dim(o) % o.x.ndim]
    if position >= len(others):
        raise DoesNotFit("there is no other axis")
    return others[position]


def _wrong_axis(function: Callable[..., Tensor], wrong: Callable[[Operation, int], Tensor]) -> Iterator[Rule]:
    """Every axis but the right one: in the gradient only, and in the result too."""
    hint = "Along which axis do the probabilities add up to 1?"
    for position in (0, 1):
        yield Rule("softmax-wrong-axis", hint, partial(_along_another, position, wrong))
        yield Rule(
            "softmax-wrong-axis", hint, instead=partial(_along_another, position, lambda o, axis: function(o.x, axis))
        )


def _along_another(position: int, wrong: Callable[[Operation, int], Tensor], o: Operation) -> Tensor:
    return wrong(o, _other_axis(o, position))


SOFTMAX = (
    Rule(
        "softmax-diagonal-only",
        "Each probability depends on every input, not only on its own.",
        lambda o: o.g * o.y * (1 - o.y),
    ),
    Rule(
        "no-softmax-derivative", "A link of the chain is missing: softmax has a derivative of its own.", lambda o: o.g
    ),
    Rule("softmax-not-centred", "The probabilities add up to 1, so something must be subtracted.", lambda o: o.g * o.y),
    *_wrong_axis(torch.softmax, lambda o, axis: o.y * (o.g - (o.g * o.y).sum(axis, keepdim=True))),
    Rule(
        "softmax-mean-subtracted",
        "What is subtracted is weighted by the probabilities.",
        lambda o: o.y * (o.g - o.g.mean(_dim(o), keepdim=True)),
    ),
    Rule(
        "softmax-sum-not-weighted",
        "What is subtracted is weighted by the probabilities.",
        lambda o: o.y * (o.g - o.g.sum(_dim(o), keepdim=True)),
    ),
    Rule(
        "softmax-outer-factor-missing",
        "Each entry is weighted by its own probability too.",
        lambda o: o.g - (o.g * o.y).sum(_dim(o), keepdim=True),
    ),
    Rule(
        "softmax-probability-squared",
        "One probability enters once too often.",
        lambda o: o.y * o.g - (o.g * o.y).sum(_dim(o), keepdim=True),
    ),
    Rule(
        "softmax-weights-squared",
        "One probability enters once too often.",
        lambda o: o.y * (o.g - (o.g * o.y * o.y).sum(_dim(o), keepdim=True)),
    ),
    Rule(
        "softmax-diagonal-missing",
        "The diagonal of the derivative has a term of its own.",
        lambda o: -o.y * (o.g * o.y).sum(_dim(o), keepdim=True),
    ),
    Rule(
        "sign-flipped",
        "Every sign is the other way round: if an input rises, does its probability rise or fall?",
        lambda o: -o.gradient(0),
    ),
)
LOG_SOFTMAX = (
    Rule(
        "log-softmax-not-centred",
        "Every input takes part in the normalisation: something must be subtracted.",
        lambda o: o.g,
    ),
    Rule(
        "log-softmax-diagonal-only",
        "Each entry depends on every input, not only on its own.",
        lambda o: o.g * (1 - o.y.exp()),
    ),
    Rule(
        "log-softmax-sum-forgotten",
        "What is subtracted is made of the whole gradient that arrives.",
        lambda o: o.g - o.y.exp(),
    ),
    Rule(
        "log-for-probability",
        "The pattern is right; which quantity stands in it, the probability or its logarithm?",
        lambda o: o.g - o.y * o.g.sum(_dim(o), keepdim=True),
    ),
    Rule(
        "sign-flipped",
        "Look at the sign of what is subtracted.",
        lambda o: o.g + o.y.exp() * o.g.sum(_dim(o), keepdim=True),
    ),
    *_wrong_axis(torch.log_softmax, lambda o, axis: o.g - torch.softmax(o.x, axis) * o.g.sum(_dim(o), keepdim=True)),
    Rule(
        "small-number-in-the-log",
        "Nothing is added to the probabilities before the logarithm.",
        forward=lambda o: torch.log(o.y.exp() + o.constant),
        constant=1e-3,
    ),
    Rule(
        "only-the-probabilities",
        "The entry that is chosen has a term of its own.",
        lambda o: -o.y.exp() * o.g.sum(_dim(o), keepdim=True),
    ),
    Rule(
        "softmax-for-log-softmax",
        "That is the derivative of softmax; its logarithm's is simpler.",
        lambda o: o.y.exp() * (o.g - (o.g * o.y.exp()).sum(_dim(o), keepdim=True)),
    ),
)
LOGSUMEXP = (
    Rule(
        "no-logsumexp-derivative",
        "A link of the chain is missing: which weight does each input have?",
        lambda o: spread(o),
    ),
    Rule("logsumexp-not-normalised", "The weights of the inputs add up to 1.", lambda o: spread(o) * o.x.exp()),
    Rule(
        "softmax-wrong-axis",
        "Along which axis do the weights add up to 1?",
        lambda o: spread(o) * torch.softmax(o.x, _other_axis(o)),
    ),
    Rule("logsumexp-averaged", "The inputs do not weigh the same.", lambda o: spread(o) / entries(o)),
    Rule(
        "extreme-instead-of-logsumexp",
        "Every input has a weight, not only the largest.",
        lambda o: spread(o) * (o.x == o.x.amax(reduced_axes(o), keepdim=True)),
    ),
    Rule(
        "logsumexp-held-fixed",
        "The normalisation depends on the input too: its gradient is missing.",
        lambda o: torch.zeros_like(o.x),
    ),
)

TABLE: Table = {
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "logsumexp": LOGSUMEXP,
}
