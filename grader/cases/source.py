"""Writes numbers, tensors and calls as Python source that can be pasted into a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from grader.cases.case import Case
from grader.exercise import Exercise, Gradient, parameter_names
from grader.wire.protocol import Framework

MAX_ENTRIES = 24
SHORTEST = 0
"""As few digits as give the same float32 again: 0.7 and not 0.699999988."""

LARGE: Mapping[Framework, str] = {"torch": "a tensor", "numpy": "an array", "python": "a list"}
MAKERS: Mapping[Framework, str] = {"torch": "torch.tensor({})", "numpy": "np.array({})", "python": "{}"}
"""How numbers are written down in each framework."""


def call_source(exercise: Exercise, case: Case, output: str = "") -> str:
    """One line per input, then the call, or the lines of a use as far as one output needs them.

    A variable of cells is computed from what is given: of these, the ones that the right answer is made of.
    """
    inputs = {name: case.inputs[name] for name in exercise.received}
    if output and exercise.usage and not exercise.usage.names:
        ask = exercise.asks[output]
        arriving = ask.upstreams.values() if isinstance(ask, Gradient) else ()
        needed = {*parameter_names(exercise.function_of(output)), *arriving}
        inputs = {name: value for name, value in inputs.items() if name in needed}
    lines = [f"{name} = {value_source(value, exercise.framework)}" for name, value in inputs.items()]
    if exercise.usage:
        return "\n".join([*lines, *exercise.usage.lines_for(output)])
    return "\n".join([*lines, f"{', '.join(exercise.asks)} = {exercise.entry_point}({', '.join(inputs)})"])


def value_source(value: Tensor | float | int, framework: Framework = "torch") -> str:
    """An input: exact, and in the memory layout that it has."""
    if not isinstance(value, Tensor):
        return _number(value, 9)
    if value.is_contiguous() or framework == "python":
        return tensor_source(value, SHORTEST, framework)
    if value.ndim == 2:
        return f"{tensor_source(value.T, SHORTEST, framework)}.T"
    if value.ndim > 2:
        return tensor_source(value, SHORTEST, framework)
    gaps = torch.stack([value, torch.zeros_like(value)], dim=1).reshape(-1)
    return f"{tensor_source(gaps, SHORTEST, framework)}[::2]"


def tensor_source(value: Tensor, digits: int, framework: Framework = "torch") -> str:
    """`torch.tensor([[1., 2.]])`, or as the course writes it; a large one is only described."""
    if value.numel() > MAX_ENTRIES:
        return f"{LARGE[framework]} of shape {tuple(value.shape)}"
    if value.numel() == 0 and framework != "python":
        return f"{'torch' if framework == 'torch' else 'np'}.zeros({tuple(value.shape)})"
    return MAKERS[framework].format(_nested(value.tolist(), digits))


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
