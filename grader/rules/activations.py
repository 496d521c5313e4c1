"""Wrong slopes of activations; a little longer than most files, because it is one table."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from grader.rules.rule import DoesNotFit, Operation, Rule, Table

Slope = Callable[[Tensor, Tensor], Tensor]
"""From the operand and the result to the wrong derivative."""


def slope(slug: str, hint: str, wrong: Slope) -> Rule:
    return Rule(slug, hint, lambda o: o.g * wrong(o.x, o.y))


def _skipped(slug: str, hint: str) -> Rule:
    """The function is left out of the forward pass."""
    return Rule(slug, hint, forward=lambda o: o.x)


def _instead(slug: str, hint: str, other: Callable[[Tensor], Tensor]) -> Rule:
    return Rule(slug, hint, instead=lambda o: other(o.x))


def _batch(o: Operation) -> Tensor:
    """The operand, if it has a batch axis in front."""
    if o.x.ndim < 2:
        raise DoesNotFit("no batch axis")
    return o.x


RELU = (
    Rule("no-relu-mask", "ReLU lets the gradient through only where {x} was positive.", lambda o: o.g),
    slope("relu-instead-of-slope", "This multiplies by ReLU's value; its slope takes only two values.", lambda x, y: y),
    slope(
        "sign-instead-of-slope",
        "ReLU is switched off where {x} is negative: off means 0, not -1.",
        lambda x, y: x.sign(),
    ),
    Rule(
        "leaky-slope",
        "Plain ReLU is flat where {x} is negative.",
        lambda o: o.g * torch.where(o.x > 0, 1.0, o.constant),
        constant=0.01,
    ),
    Rule(
        "relu-on-the-gradient",
        "ReLU's slope depends on {x}, not on the sign of the gradient that arrives.",
        lambda o: torch.relu(o.g) * (o.x > 0),
    ),
    Rule(
        "gradient's-sign-for-the-mask",
        "The mask is made of {x}; whether the gradient that arrives is positive does not matter.",
        lambda o: torch.relu(o.g),
    ),
    Rule(
        "first-observation's-mask",
        "Every observation has its own mask; here the first one's serves all.",
        lambda o: o.g * (_batch(o)[:1] > 0),
    ),
    Rule(
        "mask-of-any-observation",
        "A unit may be active for one observation and off for the next: one mask for each.",
        lambda o: o.g * (_batch(o) > 0).any(0),
    ),
    Rule(
        "mask-of-the-summed-batch",
        "ReLU acts on every observation before anything is summed over the batch.",
        lambda o: o.g * (_batch(o).sum(0) > 0),
    ),
    Rule(
        "mask-summed-first",
        "The sum of products is not the product of sums: multiply with the mask before you sum.",
        lambda o: o.g * (_batch(o) > 0).to(o.g.dtype).sum(0),
    ),
    Rule(
        "mask-averaged-first",
        "An average mask does not know which observation it was open for: multiply before you sum.",
        lambda o: o.g * (_batch(o) > 0).to(o.g.dtype).mean(0),
    ),
    slope(
        "mask-inverted",
        "This mask is open where {x} is negative: look at it the other way round.",
        lambda x, y: (x <= 0).to(x.dtype),
    ),
    Rule(
        "mask-at-zero",
        "At exactly 0 ReLU has a kink: torch uses slope 0 there. It costs nothing.",
        lambda o: o.g * (o.x >= 0),
        advice=True,
    ),
    _skipped(
        "relu-skipped", "These numbers belong to a forward pass without ReLU: what does it do with a negative {x}?"
    ),
    _instead("relu-cut-off-above", "ReLU has no upper bound.", lambda x: x.clamp(0, 1)),
    _instead("relu-cut-off-above", "ReLU has no upper bound.", lambda x: x.clamp(0, 6)),
    _instead("absolute-instead-of-relu", "ReLU switches a negative value off; it does not flip its sign.", torch.abs),
    Rule(
        "mask-instead-of-relu",
        "That is ReLU's slope, not its value.",
        forward=lambda o: (o.x > 0).to(o.x.dtype),
    ),
    Rule(
        "leaky-relu",
        "Plain ReLU lets nothing of a negative value through.",
        instead=lambda o: torch.where(o.x > 0, o.x, o.constant * o.x),
        constant=0.01,
    ),
)

SIGMOID = (
    Rule(
        "no-sigmoid-derivative", "A link of the chain is missing: sigmoid has a slope of its own at {x}.", lambda o: o.g
    ),
    slope(
        "only-the-sigmoid", "Half of sigmoid's derivative is missing: where {y} is 1 the curve is flat.", lambda x, y: y
    ),
    slope(
        "only-one-minus-sigmoid",
        "Half of sigmoid's derivative is missing: where {y} is 0 the curve is flat too.",
        lambda x, y: 1 - y,
    ),
    slope(
        "sigmoid-of-the-sigmoid",
        "{y} is already a sigmoid: another one on top is one too many.",
        lambda x, y: torch.sigmoid(y) * (1 - torch.sigmoid(y)),
    ),
    slope(
        "sigmoid-and-input-mixed",
        "Both factors of sigmoid's derivative are made of the same quantity.",
        lambda x, y: y * (1 - x),
    ),
    slope(
        "sigmoid-and-input-mixed",
        "Both factors of sigmoid's derivative are made of the same quantity.",
        lambda x, y: x * (1 - y),
    ),
    slope(
        "input-for-sigmoid",
        "The pattern is right; which quantity stands in it, {x} or its sigmoid?",
        lambda x, y: x * (1 - x),
    ),
    slope(
        "sigmoid-of-one-minus-input",
        "1 - sigma(z) is not sigma(1 - z): try z = 0.",
        lambda x, y: y * torch.sigmoid(1 - x),
    ),
    slope("tanh-derivative", "That is the derivative of tanh; sigmoid's is at most 1/4.", lambda x, y: 1 - y * y),
    slope(
        "sigmoid-factor-squared", "One of sigmoid's two factors enters once too often.", lambda x, y: y * y * (1 - y)
    ),
    slope(
        "sigmoid-plus-for-minus",
        "Sigmoid flattens out at both ends: does this slope do that where {y} is 1?",
        lambda x, y: y * (1 + y),
    ),
    slope("sigmoid-slope-twice", "Sigmoid's slope enters once.", lambda x, y: (y * (1 - y)) ** 2),
    slope(
        "divided-by-the-slope",
        "On the way back the gradient is multiplied by sigmoid's slope, not divided.",
        lambda x, y: 1 / (y * (1 - y)),
    ),
    _skipped("sigmoid-skipped", "These numbers belong to a forward pass without sigmoid."),
    _instead(
        "tanh-instead-of-sigmoid",
        "The result lies between 0 and 1: what is the range of the function you chose?",
        torch.tanh,
    ),
    _instead(
        "sigmoid-of-minus-input",
        "A large {x} must give a value near 1: look at the sign in the exponent.",
        lambda x: torch.sigmoid(-x),
    ),
    _instead(
        "sigmoid-twice",
        "One sigmoid is enough: a very negative {x} must give a value near 0.",
        lambda x: torch.sigmoid(torch.sigmoid(x)),
    ),
    Rule(
        "sigmoid-rounded",
        "A probability is not yet a decision: it stays between 0 and 1.",
        forward=lambda o: (o.y > 0.5).to(o.y.dtype),
    ),
)

TANH = (
    Rule("no-tanh-derivative", "A link of the chain is missing: tanh has a slope of its own at {x}.", lambda o: o.g),
    slope("tanh-not-squared", "tanh's derivative is even in its argument: is a power missing?", lambda x, y: 1 - y),
    slope(
        "input-for-tanh", "The pattern is right; which quantity stands in it, {x} or its tanh?", lambda x, y: 1 - x * x
    ),
    slope("sigmoid-derivative", "That is the derivative of sigmoid; tanh's is 1 at 0.", lambda x, y: y * (1 - y)),
    slope(
        "tanh-of-the-tanh",
        "{y} is already a tanh: another one on top is one too many.",
        lambda x, y: 1 - torch.tanh(y) ** 2,
    ),
    slope("tanh-slope-twice", "The slope of tanh enters once.", lambda x, y: (1 - y * y) ** 2),
    slope("tanh-plus-for-minus", "tanh flattens out at both ends: does this slope do that?", lambda x, y: 1 + y * y),
    slope("tanh-value-for-slope", "This multiplies by tanh itself; what is its slope?", lambda x, y: y),
    slope(
        "tanh-squared-only",
        "Where {x} is 0, tanh is steepest: is something missing from its slope?",
        lambda x, y: y * y,
    ),
    _skipped("tanh-skipped", "These numbers belong to a forward pass without tanh."),
    _instead(
        "sigmoid-instead-of-tanh",
        "The result lies between -1 and 1: what is the range of the function you chose?",
        torch.sigmoid,
    ),
)

SOFTPLUS = (
    Rule("no-softplus-derivative", "A link of the chain is missing: softplus has a slope of its own.", lambda o: o.g),
    slope("softplus-value-for-slope", "This multiplies by softplus itself; what is its slope?", lambda x, y: y),
    slope(
        "relu-mask-for-softplus", "That is ReLU's mask: softplus is a smooth curve.", lambda x, y: (x > 0).to(x.dtype)
    ),
    slope(
        "sigmoid-derivative",
        "That is one derivative too many: softplus's own is wanted.",
        lambda x, y: torch.sigmoid(x) * (1 - torch.sigmoid(x)),
    ),
    slope("sigmoid-of-the-softplus", "The slope is taken at {x}, not at {y}.", lambda x, y: torch.sigmoid(y)),
)
GELU = (
    Rule("no-gelu-derivative", "A link of the chain is missing: the activation has a slope of its own.", lambda o: o.g),
    slope(
        "product-rule-forgotten",
        "The activation is a product that contains {x} twice: the product rule has two terms.",
        lambda x, y: y / x,
    ),
    slope(
        "relu-mask-for-gelu",
        "That is ReLU's mask: this activation is a smooth curve.",
        lambda x, y: (x > 0).to(x.dtype),
    ),
    slope("gelu-value-for-slope", "This multiplies by the activation itself; what is its slope?", lambda x, y: y),
)
LEAKY_RELU = (
    slope(
        "no-leak-in-the-slope",
        "This is plain ReLU's mask: the leaky one lets a little through.",
        lambda x, y: (x > 0).to(x.dtype),
    ),
    Rule("no-leaky-relu-mask", "The slope left of 0 is not the one right of it.", lambda o: o.g),
    slope(
        "leaky-relu-value-for-slope", "This multiplies by the value; the slope takes only two values.", lambda x, y: y
    ),
    Rule(
        "leak-of-another-size",
        "Which slope does the forward pass have left of 0?",
        lambda o: o.g * torch.where(o.x > 0, 1.0, o.constant),
        constant=0.1,
    ),
)
TABLE: Table = {
    "relu": RELU,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "softplus": SOFTPLUS,
    "gelu": GELU,
    "silu": GELU,
    "leaky_relu": LEAKY_RELU,
    "elu": GELU[:1] + GELU[2:],
}
