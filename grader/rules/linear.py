"""Wrong rules for products of tensors that sum over an axis: matmul, linear, einsum, convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.rules.rule import DoesNotFit, Gradients, Operation, Rule, Table


def _of_first(slug: str, hint: str, wrong: Callable[[Operation], Tensor | None]) -> Rule:
    """The gradient of the first operand (the input) is wrong."""
    return Rule(slug, hint, lambda o: _put(o, 0, wrong(o)))


def _of_second(
    slug: str, hint: str, wrong: Callable[[Operation], Tensor | None], constant: float | None = None
) -> Rule:
    """The gradient of the second operand (the weights) is wrong."""
    return Rule(slug, hint, lambda o: _put(o, 1, wrong(o)), constant=constant)


def _put(o: Operation, position: int, gradient: Tensor | None) -> Gradients:
    found = o.right()
    found[position] = gradient
    return found


def _with(o: Operation, position: int, operand: Tensor) -> list[Tensor | None]:
    """The right gradients, had one operand been another."""
    operands = list(o.operands)
    operands[position] = operand
    return o.right(*operands)


def _before(o: Operation, position: int) -> Tensor:
    found = o.before[position]
    if found is None:
        raise DoesNotFit("no activation made this operand")
    return found.detach()


def _sums(o: Operation) -> Tensor | None:
    """The product of the batch's sums in place of the sum of its products."""
    x, g = o.x.sum(0, keepdim=True), o.g.sum(0, keepdim=True)
    return o.right(x, *o.operands[1:], g=g)[1]


def _rows(o: Operation, rows: slice) -> Tensor | None:
    return o.right(o.x[rows], *o.operands[1:], g=o.g[rows])[1]


def _matrix(tensor: Tensor) -> Tensor:
    if tensor.ndim < 2:
        raise DoesNotFit("no matrix")
    return tensor


def _is_square(tensor: Tensor) -> bool:
    return tensor.ndim == 2 and tensor.shape[0] == tensor.shape[1]


def _own_value(o: Operation, position: int) -> Tensor:
    """The operand itself stands where the other one belongs."""
    own, g = o.operands[position], o.g
    if position == 1:
        return own * g.sum()
    return own * (g.unsqueeze(-1) if g.ndim < own.ndim else g.sum(-1, keepdim=True))


def _left_out(o: Operation, position: int) -> Tensor | None:
    return _with(o, 1 - position, torch.ones_like(o.operands[1 - position]))[position]


BATCH = "Every observation contributes to the gradient of {w}"

PRODUCT = (
    _of_second(
        "no-input", "A link is missing in the gradient of {w}: how does {y} change with it?", lambda o: _left_out(o, 1)
    ),
    _of_first("no-weights", "On its way back to {x} the gradient passes {w}.", lambda o: _left_out(o, 0)),
    _of_second(
        "before-relu",
        "{w} is multiplied with the values after the activation, not with those before it.",
        lambda o: _with(o, 0, _before(o, 0))[1],
    ),
    _of_second(
        "mean-instead-of-sum",
        "The observations' contributions to the gradient of {w} are added, not averaged.",
        lambda o: o.gradient(1) / len(_matrix(o.x)),
    ),
    _of_second(
        "last-observation-only",
        BATCH + ", but only the last one does here: is += missing?",
        lambda o: _rows(o, slice(-1, None)),
    ),
    _of_second(
        "first-observation-only", BATCH + ", and here only the first one does.", lambda o: _rows(o, slice(0, 1))
    ),
    _of_second(
        "product-of-sums",
        "The sum of products is not the product of sums: pair each row of {x} with its own gradient.",
        _sums,
    ),
    _of_second(
        "own-value-as-derivative",
        "The derivative of a product by one factor is the other factor.",
        lambda o: _own_value(o, 1),
    ),
    _of_first(
        "own-value-as-derivative",
        "The derivative of a product by one factor is the other factor.",
        lambda o: _own_value(o, 0),
    ),
    _of_second(
        "upstream-dropped",
        "The gradient that arrives does not enter the gradient of {w}.",
        lambda o: o.gradient(1, torch.ones_like(o.g)),
    ),
    _of_first(
        "upstream-dropped",
        "The gradient that arrives does not enter the gradient of {x}.",
        lambda o: o.gradient(0, torch.ones_like(o.g)),
    ),
    _of_second(
        "upstream-summed",
        "Each entry of {y} has its own gradient: do not add them up before the product.",
        lambda o: o.right(g=o.g.sum().expand_as(o.g))[1],
    ),
    _of_first(
        "upstream-summed",
        "Each entry of {y} has its own gradient: do not add them up before the product.",
        lambda o: o.right(g=o.g.sum().expand_as(o.g))[0],
    ),
    _of_first(
        "weights-not-transposed",
        "The axis of {w} that was summed over must be free now: which one meets the gradient?",
        lambda o: o.g @ _matrix(o.operands[1]),
    ),
    _of_first(
        "weights-not-transposed",
        "Where {w} is square, nothing crashes if it is not transposed: which of its axes meets the gradient?",
        lambda o: o.g @ o.operands[1] if _is_square(o.operands[1]) else o.gradient(0),
    ),
    _of_first(
        "weights-reshaped-instead-of-transposed",
        "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        lambda o: o.g @ _matrix(o.operands[1]).reshape(o.operands[1].shape[::-1]),
    ),
    _of_second(
        "input-not-transposed",
        "The axis of {x} that was free must be summed over now: which one meets the gradient?",
        lambda o: _matrix(o.x) @ o.g,
    ),
    _of_second(
        "input-reshaped-instead-of-transposed",
        "reshape keeps the order of the numbers and only moves the line breaks; it does not transpose.",
        lambda o: _matrix(o.x).reshape(o.x.shape[::-1]) @ o.g,
    ),
    Rule(
        "update-before-gradient",
        "Gradients first, then the update: the gradient of {x} needs the weights of the forward pass.",
        lambda o: _put(o, 0, _with(o, 1, o.operands[1] - o.constant * o.gradient(1))[0]),
        constant=0.1,
    ),
    _of_first(
        "one-row-for-all",
        "Each row of {x} touches only its own row of {y}: the rows do not mix.",
        lambda o: o.right(g=_matrix(o.g).sum(0).expand_as(o.g))[0],
    ),
    _of_second(
        "all-inputs-summed",
        "Weights that start at different inputs have different derivatives: keep the input's index.",
        lambda o: _with(o, 0, o.x.sum(-1, keepdim=True).expand_as(o.x))[1],
    ),
    _of_second(
        "input-squared",
        "{y} contains {x} once: does its gradient contain the square?",
        lambda o: _with(o, 0, o.x**2)[1],
    ),
    _of_second(
        "input-without-sign", "Negative entries of {x} make a gradient negative.", lambda o: _with(o, 0, o.x.abs())[1]
    ),
    _of_second(
        "relu-on-the-input", "There is no ReLU on {x} in the forward pass.", lambda o: _with(o, 0, torch.relu(o.x))[1]
    ),
    _of_first(
        "relu-on-the-weights",
        "There is no ReLU on {w} in the forward pass.",
        lambda o: _with(o, 1, torch.relu(o.operands[1]))[0],
    ),
    _of_second(
        "times-weights",
        "{y} is linear in {w}: does {w} still occur in its own derivative?",
        lambda o: o.gradient(1) * o.operands[1],
    ),
    _of_second(
        "divided-by-width",
        "The outputs' contributions are added, not averaged.",
        lambda o: o.gradient(1) / _matrix(o.operands[1]).shape[-1],
    ),
    _of_second("sign-flipped", "Every sign of this gradient is the other way round.", lambda o: -o.gradient(1)),
    _of_first("sign-flipped", "Every sign of this gradient is the other way round.", lambda o: -o.gradient(0)),
    _of_first(
        "input-ignored", "A gradient reaches {x} on this path too: is it left out, or overwritten?", lambda o: None
    ),
    _of_second(
        "weights-ignored", "A gradient reaches {w} on this path too: is it left out, or overwritten?", lambda o: None
    ),
    Rule(
        "normalised-product",
        "{y} is a plain product: nothing is divided by the number of inputs.",
        instead=lambda o: o.value(*o.operands) / o.x.shape[-1],
    ),
    Rule(
        "relu-on-the-input",
        "The product takes {x} as it is: negative entries count too.",
        instead=lambda o: o.value(torch.relu(o.x), *o.operands[1:]),
    ),
    Rule(
        "before-relu",
        "The product takes the values after the activation.",
        forward=lambda o: o.value(_before(o, 0), *o.operands[1:]),
    ),
)


BIAS = (
    Rule(
        "bias-averaged",
        "The observations' contributions to the bias's gradient are added, not averaged.",
        lambda o: _put(o, 2, _bias(o).mean(0)),
    ),
    Rule(
        "bias-of-one-observation",
        "Every observation contributes to the bias's gradient, not only the last one.",
        lambda o: _put(o, 2, _bias(o)[-1]),
    ),
    Rule("bias-ignored", "The bias has a gradient of its own.", lambda o: _put(o, 2, None)),
    Rule(
        "bias-times-itself",
        "The bias is added once and undisturbed: what is the derivative by it?",
        lambda o: _put(o, 2, _bias(o).sum(0) * o.operands[2]),
    ),
)


def _bias(o: Operation) -> Tensor:
    """The arriving gradient with the bias's axis last and all others in front of it."""
    if len(o.operands) < 3:
        raise DoesNotFit("no bias")
    axis = -1 if o.function.__name__ == "linear" else 1
    return o.g.movedim(axis, -1).flatten(0, -2)


CONVOLUTION = (
    _of_first(
        "kernel-not-flipped",
        "On the way back every output reaches the inputs that it was made of: how does {w} lie over them?",
        lambda o: _with(o, 1, o.operands[1].flip(-1, -2) if o.operands[1].ndim > 3 else o.operands[1].flip(-1))[0],
    ),
    _of_second(
        "input-flipped",
        "The gradient of {w} slides over {x} in the same direction as the forward pass.",
        lambda o: _flipped(o),
    ),
    _of_second(
        "one-position-only",
        "Every position of the kernel contributes to the gradient of {w}, not only the last one.",
        lambda o: _one_position(o),
    ),
)


def _flipped(o: Operation) -> Tensor:
    return o.gradient(1).flip(-1)


def _one_position(o: Operation) -> Tensor | None:
    g = torch.zeros_like(o.g)
    last: Any = (..., *[-1] * (o.operands[1].ndim - 2))
    g[last] = o.g[last]
    return o.gradient(1, g)


TABLE: Table = {
    "matmul": PRODUCT,
    "linear": PRODUCT + BIAS,
    "einsum": tuple(rule for rule in PRODUCT if "transposed" not in rule.slug),
    "outer": PRODUCT[:2],
    "conv": tuple(rule for rule in PRODUCT if "transposed" not in rule.slug) + BIAS + CONVOLUTION,
}
