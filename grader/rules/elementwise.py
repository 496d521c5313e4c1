"""Wrong slopes of powers, logarithms and other functions that act on each entry by itself."""

from __future__ import annotations

import torch
from torch import Tensor

from grader.rules.activations import slope
from grader.rules.rule import DoesNotFit, Operation, Rule, Table

POW = (
    Rule(
        "no-factor-two",
        "What is the derivative of a power? Its exponent does not only become smaller.",
        lambda o: o.g * _power(o, -1),
    ),
    Rule("power-as-its-own-derivative", "This is the power itself, not yet its derivative.", lambda o: o.g * o.y),
    Rule("power-not-lowered", "The factor is there; what happens to the exponent?", lambda o: o.g * _exponent(o) * o.y),
    Rule(
        "absolute-error",
        "The sign matters: it tells in which direction the value should move.",
        lambda o: o.g * (_exponent(o) * _power(o, -1)).abs(),
    ),
    Rule("no-power-derivative", "A link of the chain is missing: a power has a derivative of its own.", lambda o: o.g),
    Rule(
        "only-the-exponent",
        "The derivative of a power still depends on what is raised to it.",
        lambda o: o.g * _exponent(o),
    ),
    Rule(
        "sign-flipped",
        "Every sign is the other way round: if the inner value rises, does the power rise or fall?",
        lambda o: -o.gradient(0),
    ),
    Rule(
        "half-the-power",
        "Some books put one half before the square; this formula does without it.",
        instead=lambda o: o.value(*o.operands) / 2,
    ),
    Rule(
        "averaged-over-the-entries",
        "Each entry keeps a number of its own: nothing is averaged over the entries.",
        instead=lambda o: o.value(*o.operands).mean().expand_as(o.x),
    ),
    Rule("not-raised", "The forward pass raises {x} to a power: is it left out?", forward=lambda o: o.x),
    Rule(
        "absolute-instead-of-square",
        "A big miss counts far more than a small one here: compare with the forward pass.",
        instead=lambda o: o.x.abs(),
    ),
)


def _exponent(o: Operation) -> float:
    return float(o.args[1]) if len(o.args) > 1 else 2.0


def _power(o: Operation, change: float) -> Tensor:
    power: Tensor = o.x ** (_exponent(o) + change)
    return power


EXP = (
    Rule("no-exp-derivative", "A link of the chain is missing: exp has a slope of its own.", lambda o: o.g),
    slope(
        "power-rule-on-exp",
        "The power rule is for a variable in the base; here it stands in the exponent.",
        lambda x, y: x * y,
    ),
    slope(
        "exp-of-exp", "{y} is already an exponential: another one on top is one too many.", lambda x, y: torch.exp(y)
    ),
    slope(
        "exp-lowered", "The exponent does not become smaller when exp is differentiated.", lambda x, y: torch.exp(x - 1)
    ),
    slope("input-for-exp", "exp's slope at {x} is not {x} itself.", lambda x, y: x),
)
LOG = (
    Rule("no-log-derivative", "A link of the chain is missing: the logarithm has a slope of its own.", lambda o: o.g),
    slope("divided-by-the-log", "The slope of the logarithm is made of {x}, not of the logarithm.", lambda x, y: 1 / y),
    slope("times-the-input", "The logarithm gets flatter as {x} grows: does this slope?", lambda x, y: x),
    slope("log-slope-squared", "The slope of the logarithm falls more slowly than this.", lambda x, y: 1 / (x * x)),
    slope("log-value-for-slope", "This multiplies by the logarithm itself; what is its slope?", lambda x, y: y),
)
SQRT = (
    slope("no-root-factor", "What is the derivative of a power of one half? A factor is missing.", lambda x, y: 1 / y),
    slope("input-for-root", "The slope of a root is made of the root, not of {x}.", lambda x, y: 1 / (2 * x)),
    slope("root-not-inverted", "A root gets flatter as {x} grows: does this slope?", lambda x, y: y / 2),
    Rule("no-root-derivative", "A link of the chain is missing: the root has a slope of its own.", lambda o: o.g),
    slope("only-one-half", "The slope of a root still depends on {x}.", lambda x, y: torch.full_like(x, 0.5)),
    Rule(
        "epsilon-outside-of-the-root",
        "Where does the small number stand in the forward pass: inside of the root, or outside?",
        instead=lambda o: _outside(o),
    ),
    Rule(
        "epsilon-inside-of-the-root",
        "Is something small added below the root that stands elsewhere in the forward pass?",
        instead=lambda o: _inside(o),
    ),
)


def _inside(o: Operation) -> Tensor:
    if o.epsilon is None:
        raise DoesNotFit("no epsilon")
    return torch.sqrt(o.x + o.epsilon)


RSQRT = (
    slope(
        "no-root-factor",
        "What is the derivative of a power of minus one half? A factor is missing.",
        lambda x, y: -(y**3),
    ),
    slope("sign-flipped", "If {x} grows, does one over its root rise or fall?", lambda x, y: y**3 / 2),
    slope("power-not-lowered", "The factor is there; what happens to the exponent?", lambda x, y: -y / 2),
    Rule(
        "epsilon-outside-of-the-root",
        "Where does the small number stand in the forward pass: inside of the root, or outside?",
        instead=lambda o: 1 / _outside(o),
    ),
)


def _outside(o: Operation) -> Tensor:
    if o.epsilon is None:
        raise DoesNotFit("no epsilon")
    return torch.sqrt((o.x - o.epsilon).clamp(min=0)) + o.epsilon


RECIPROCAL = (
    slope("sign-flipped", "If {x} grows, does one over it rise or fall?", lambda x, y: y * y),
    slope("power-not-lowered", "The slope of one over {x} falls faster than this.", lambda x, y: -y),
)
ABS = (
    Rule("no-sign-of-abs", "Left of 0 the absolute value falls.", lambda o: o.g),
    slope("abs-value-for-slope", "The slope of the absolute value takes only two values.", lambda x, y: y),
    slope(
        "input-for-sign", "The slope of the absolute value takes only two values, however large {x} is.", lambda x, y: x
    ),
)
NEG = (Rule("sign-flipped", "A minus sign is lost on the way back.", lambda o: o.g),)
SIN = (
    slope("sign-flipped", "Look at the sign: where does the sine rise?", lambda x, y: -torch.cos(x)),
    slope("sin-value-for-slope", "This multiplies by the sine itself; what is its slope?", lambda x, y: y),
)
COS = (
    slope(
        "sign-flipped", "Look at the sign: just right of 0, does the cosine rise or fall?", lambda x, y: torch.sin(x)
    ),
    slope("cos-value-for-slope", "This multiplies by the cosine itself; what is its slope?", lambda x, y: y),
)
CLAMP = (
    Rule("no-clamp-mask", "Where {x} was cut off, a small change of it changes nothing.", lambda o: o.g),
    slope(
        "clamp-mask-of-the-sign",
        "The mask is open between the bounds, not where {x} is positive.",
        lambda x, y: (x > 0).to(x.dtype),
    ),
    slope(
        "clamp-value-for-slope",
        "This multiplies by the clamped value; its slope takes only two values.",
        lambda x, y: y,
    ),
)

TABLE: Table = {
    "pow": POW,
    "exp": EXP,
    "log": LOG,
    "sqrt": SQRT,
    "rsqrt": RSQRT,
    "reciprocal": RECIPROCAL,
    "abs": ABS,
    "neg": NEG,
    "sin": SIN,
    "cos": COS,
    "clamp": CLAMP,
    "hardtanh": CLAMP,
}
