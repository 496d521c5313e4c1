"""Writes numbers and tensors as Python source that can be pasted into a notebook."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from grader.cases.suite import Prepared
from grader.exercise import Exercise
from grader.grading.compare import to_tensor
from grader.wire.outcome import Foreign, Item, Outcome, Raised, Returned

MOST_ENTRIES = 24
DIGITS = (4, 6, 9, 17)
"""Significant digits to try, until expected and actual look different."""

SHORTEST = 0
"""As few digits as give the same float32 again: 0.7 and not 0.699999988."""


def call_source(exercise: Exercise, prepared: Prepared) -> str:
    """One line per input, then the call."""
    lines = [f"{name} = {value_source(value)}" for name, value in prepared.case.inputs.items()]
    arguments = ", ".join(prepared.case.inputs)
    return "\n".join([*lines, f"{', '.join(exercise.asks)} = {exercise.entry_point}({arguments})"])


def value_source(value: Tensor | float | int) -> str:
    """An input: exact, and in the memory layout that it has."""
    if not isinstance(value, Tensor):
        return _number(value, 9)
    if value.is_contiguous():
        return tensor_source(value, SHORTEST)
    if value.ndim == 2:
        return f"{tensor_source(value.T, SHORTEST)}.T"
    gaps = torch.stack([value, torch.zeros_like(value)], dim=1).reshape(-1)
    return f"{tensor_source(gaps, SHORTEST)}[::2]"


def pair_source(expected: Tensor, outcome: Outcome, position: int) -> tuple[str, str]:
    """Expected and actual, with as few digits as tell them apart."""
    for digits in DIGITS:
        wanted, got = tensor_source(expected, digits), _outcome_source(outcome, position, digits)
        if wanted != got:
            break
    return wanted, got


def tensor_source(value: Tensor, digits: int) -> str:
    """`torch.tensor([[1., 2.]])`; a large one is only described."""
    if value.numel() > MOST_ENTRIES:
        return f"a tensor of shape {tuple(value.shape)}"
    if value.numel() == 0:
        return f"torch.zeros({tuple(value.shape)})"
    return f"torch.tensor({_nested(value.tolist(), digits)})"


def _outcome_source(outcome: Outcome, position: int, digits: int) -> str:
    if isinstance(outcome, Raised):
        return f"{outcome.type_name}: {outcome.message}".rstrip(": ")
    if not isinstance(outcome, Returned) or position >= len(outcome.items):
        return "nothing"
    return _item_source(outcome.items[position], digits)


def _item_source(item: Item, digits: int) -> str:
    if isinstance(item, Foreign):
        return {"none": "None", "text": repr(item.text)}.get(item.kind, item.text)
    return tensor_source(to_tensor(item), digits)


def _nested(entries: Sequence[object] | object, digits: int) -> str:
    if isinstance(entries, list):
        return f"[{', '.join(_nested(entry, digits) for entry in entries)}]"
    return _number(entries, digits)


def _number(value: object, digits: int) -> str:
    """`1.` for a float without a fraction, as torch prints it; NaN and infinity as Python can read them."""
    if not isinstance(value, float):
        return repr(value)
    if value != value or value in (float("inf"), float("-inf")):
        return f"float('{value}')"
    value += 0.0  # no minus sign before a zero
    text = f"{np.float32(value)!s}" if digits == SHORTEST else f"{value:.{digits}g}"
    text = text.removesuffix(".0")
    return text if any(mark in text for mark in ".e") else f"{text}."
