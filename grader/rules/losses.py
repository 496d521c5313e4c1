"""Wrong rules for loss functions that torch computes in one call."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from grader.rules.rule import DoesNotFit, Operation, Rule, Table


def _scale(o: Operation) -> Tensor:
    """The arriving gradient, divided by the number of terms where the loss is their mean."""
    reduction = o.kwargs.get("reduction", "mean")
    if reduction == "none":
        return o.g
    return o.g / _terms(o) if reduction == "mean" else o.g


def _terms(o: Operation) -> int:
    target = o.argument("target", 1)
    return int(target.numel()) if isinstance(target, Tensor) and not target.is_floating_point() else o.x.numel()


def _undivided(o: Operation) -> Tensor:
    """A sum in place of the mean."""
    if o.kwargs.get("reduction", "mean") != "mean":
        raise DoesNotFit("no mean")
    return o.gradient(0) * _terms(o)


def _classes(o: Operation) -> tuple[Tensor, Tensor]:
    """Probabilities and one-hot targets, classes along axis 1 (axis 0 for a single observation)."""
    axis = min(1, o.x.ndim - 1)
    target = o.argument("target", 1)
    hot = functional.one_hot(target, o.x.shape[axis]).to(o.x.dtype).movedim(-1, axis)
    return torch.softmax(o.x, axis), hot


def _of_classes(slug: str, hint: str, wrong: Callable[[Tensor, Tensor], Tensor]) -> Rule:
    """From probabilities and one-hot targets to the gradient of the logits of a sum of losses."""
    return Rule(slug, hint, lambda o: wrong(*_classes(o)) * _scale(o))


REDUCED = (
    Rule(
        "not-divided-by-the-batch",
        "The loss is an average over the batch: what is each gradient divided by?",
        _undivided,
    ),
    Rule("divided-twice", "The average is divided once, not twice.", lambda o: o.gradient(0) / _terms(o)),
    Rule(
        "sign-flipped",
        "Every sign is the other way round: in which direction does the loss fall?",
        lambda o: -o.gradient(0),
    ),
    Rule(
        "upstream-dropped",
        "The gradient that arrives at the loss does not go on.",
        lambda o: o.gradient(0, torch.ones_like(o.g)),
    ),
)
CROSS_ENTROPY = (
    _of_classes("target-not-subtracted", "The right class has a term of its own.", lambda p, hot: p),
    _of_classes(
        "target-class-only", "Every class gets a gradient, not only the right one.", lambda p, hot: (p - hot) * hot
    ),
    _of_classes("target-class-left-out", "The right class gets a gradient too.", lambda p, hot: p * (1 - hot)),
    _of_classes("only-the-target", "Every class gets a gradient, not only the right one.", lambda p, hot: -hot),
    _of_classes(
        "softmax-derivative-too",
        "This multiplies by a derivative of softmax that is in it already.",
        lambda p, hot: (p - hot) * p * (1 - p),
    ),
    _of_classes(
        "not-through-softmax",
        "That is the derivative by the probabilities; softmax comes before them.",
        lambda p, hot: -hot / p,
    ),
    Rule(
        "logits-for-probabilities",
        "The pattern is right; which quantity stands in it, the logits or their softmax?",
        lambda o: (o.x - _classes(o)[1]) * _scale(o),
    ),
    Rule(
        "softmax-wrong-axis",
        "Along which axis do the probabilities add up to 1?",
        lambda o: (torch.softmax(o.x, 0) - _classes(o)[1]) * _scale(o),
    ),
    Rule(
        "divided-by-the-classes",
        "The loss is an average over the observations, not over the classes.",
        lambda o: o.gradient(0) * _terms(o) / o.x.shape[min(1, o.x.ndim - 1)],
    ),
    Rule(
        "sigmoid-for-softmax",
        "The classes exclude each other: their probabilities add up to 1.",
        lambda o: (torch.sigmoid(o.x) - _classes(o)[1]) * _scale(o),
    ),
    *REDUCED,
)
NLL = (
    Rule(
        "sign-flipped",
        "Every sign is the other way round: in which direction does the loss fall?",
        lambda o: -o.gradient(0),
    ),
    *REDUCED[:2],
)
SQUARED = (
    Rule("no-factor-two", "What is the derivative of a square?", lambda o: o.gradient(0) / 2),
    Rule(
        "divided-by-the-first-axis",
        "An average is divided by how many entries it is made of: all of them?",
        lambda o: _undivided(o) / len(o.x),
    ),
    Rule(
        "power-as-its-own-derivative",
        "The chain starts with the derivative of the loss, and this is the loss itself.",
        lambda o: (o.x - o.operands[1]) ** 2 * _scale(o),
    ),
    Rule("absolute-error", "The sign matters: it tells in which direction to move.", lambda o: o.gradient(0).abs()),
    *REDUCED,
)
LOGITS = (
    Rule("target-not-subtracted", "The target has a term of its own.", lambda o: torch.sigmoid(o.x) * _scale(o)),
    Rule(
        "logits-for-probabilities",
        "The pattern is right; which quantity stands in it, the logit or its sigmoid?",
        lambda o: (o.x - o.operands[1]) * _scale(o),
    ),
    Rule(
        "sigmoid-derivative-too",
        "This multiplies by a derivative of sigmoid that is in it already.",
        lambda o: o.gradient(0) * torch.sigmoid(o.x) * (1 - torch.sigmoid(o.x)),
    ),
    *REDUCED,
)
BINARY = (
    Rule(
        "target-only",
        "Both outcomes have a term: what about a target of 0?",
        lambda o: -o.operands[1] / o.x * _scale(o),
    ),
    Rule(
        "probability-minus-target",
        "That is the derivative by the logit; here the probability is what comes in.",
        lambda o: (o.x - o.operands[1]) * _scale(o),
    ),
    *REDUCED,
)

TABLE: Table = {
    "cross_entropy": CROSS_ENTROPY,
    "nll_loss": NLL,
    "mse_loss": SQUARED,
    "l1_loss": REDUCED,
    "binary_cross_entropy_with_logits": LOGITS,
    "binary_cross_entropy": BINARY,
    "kl_div": REDUCED[2:],
}
