"""The inputs of a case as wrong code sees them that ignores the feature which the family of the case tests."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from grader.cases.drawing import BEYOND, Value
from grader.cases.sizes import middle
from grader.exercise import Exercise, Normal


def clipped(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as code sees them that clips large entries: scaled cases reveal it."""
    return {
        name: value.clamp(-BEYOND * scale, BEYOND * scale) if isinstance(value, Tensor) and scale else value
        for name, value in inputs.items()
        for scale in [_scale(exercise, name, value)]
    }


def equal_rows_once(exercise: Exercise, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as code sees them that looks rows up by value: the repeated rows of lattice cases reveal it."""
    return {
        name: _without(value, _repeated([value]))
        if isinstance(value, Tensor) and _scale(exercise, name, value)
        else value
        for name, value in inputs.items()
    }


def observations_once(exercise: Exercise, variant: str, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs without repeated observations: rows that are equal in every input along one axis become 0."""
    found = dict(inputs)
    parameters = [each for each in exercise.parameters(variant) if each.axes and isinstance(inputs[each.name], Tensor)]
    for axis in {each.axes[0] for each in parameters}:
        along = [each.name for each in parameters if each.axes[0] == axis]
        again = _repeated([inputs[name] for name in along])  # type: ignore[misc]
        found.update({name: _without(inputs[name], again) for name in along})  # type: ignore[arg-type]
    return found


def shortened(exercise: Exercise, variant: str, axis: str, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """The inputs as code sees them that reads an axis only up to its middle: large cases reveal it."""
    found = dict(inputs)
    for each in exercise.parameters(variant):
        value = inputs[each.name]
        if isinstance(value, Tensor) and axis in each.axes:
            kept = value.clone()
            kept.movedim(each.axes.index(axis), 0)[middle(exercise.sizes[axis][1]) :] = 0
            found[each.name] = kept
    return found


def axes_with_room(exercise: Exercise) -> frozenset[str]:
    """The axes along which lattice cases always have room for one row twice: three rows, whatever sizes are drawn."""
    return frozenset(axis for axis, (low, high) in exercise.sizes.items() if low > 2 or middle(high) > 3)


def repeats_observations(exercise: Exercise, variant: str, inputs: Mapping[str, Value]) -> bool:
    """Whether these inputs, of a case with zeros, have room for one observation twice."""
    parameters = [each for each in exercise.parameters(variant) if each.axes]
    first = [each.axes[0] for each in parameters]
    long = (each.axes[0] for each in parameters if isinstance(value := inputs[each.name], Tensor) and len(value) > 1)
    return any(first.count(axis) > 1 for axis in long)


def _scale(exercise: Exercise, name: str, value: Value) -> float:
    """The standard deviation of a normal float tensor, 0 for anything else."""
    given = exercise.inputs.get(name, Normal())
    floating = isinstance(value, Tensor) and value.is_floating_point()
    return given.scale if floating and isinstance(given, Normal) else 0.0


def _repeated(tensors: list[Tensor]) -> Tensor:
    """Which rows occurred before, in all tensors at once."""
    count = len(tensors[0]) if tensors[0].ndim else 0
    seen = [
        any(all(torch.equal(each[later], each[earlier]) for each in tensors) for earlier in range(later))
        for later in range(count)
    ]
    return torch.tensor(seen, dtype=torch.bool)


def _without(rows: Tensor, omitted: Tensor) -> Tensor:
    """The rows with the omitted ones replaced by zeros."""
    if rows.ndim == 0:
        return rows
    kept = rows.clone()
    kept[omitted] = 0
    return kept
