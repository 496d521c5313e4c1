"""Wrong versions of any exercise, made from a right one: of its results, and of what it reads.

Longer than most files: it is one list of mistakes with the short functions that make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from grader.cases.misreadings import axes_with_room, clipped, equal_rows_once, observations_once, shortened
from grader.cases.scales import large
from grader.cases.sizes import LARGE
from grader.cases.suite import Suite
from grader.exercise import Exercise, Integers, Normal, Predicate
from grader.validate.mutants import Call, Mutant, as_tuple

Change = Callable[[Tensor], Any]
Sized = Callable[[Tensor, Mapping[str, int]], Any]
"""A change that depends on the sizes of the inputs."""


def generic(suite: Suite, right: Call) -> Iterator[Mutant]:
    """All generic mutants; those that change nothing on this exercise are found out later."""
    exercise = suite.exercise
    names = tuple(exercise.asks)
    scales = [each for variant in exercise.variant_names for each in large(exercise, variant)]
    large_outputs = frozenset[str]().union(*(each.outputs for each in scales))
    yield Mutant("zeros", "generic", _every(right, torch.zeros_like), "every output is zero everywhere")
    for position, name in enumerate(names):
        predicate = isinstance(exercise.asks[name], Predicate)
        axes = max(case.expected[name].value.ndim for case in suite.cases)
        for label, change in BOOLEAN.items() if predicate else _of_values(exercise, axes):
            yield Mutant(f"{name}: {label}", "generic", _one(right, position, change), f"right {name}, {label}")
        for label, change in LARGE_OUTPUTS.items() if name in large_outputs else ():
            yield Mutant(f"{name}: {label}", "generic", _one(right, position, change), f"right {name}, {label}")
        for label, sized in () if predicate else _by_sizes(exercise):
            call = _with_sizes(exercise, right, position, sized)
            yield Mutant(f"{name}: {label}", "generic", call, f"right {name}, {label}")
    for first in range(len(names) - 1):
        label = f"{names[first]} and {names[first + 1]} swapped"
        yield Mutant(label, "generic", _swapped(right, first), label)
    yield from _of_inputs(exercise, right)
    for parameter in exercise.parameters(exercise.variant_names[0]):
        distribution = parameter.distribution
        if parameter.axes and isinstance(distribution, Integers) and isinstance(distribution.high, str):
            label = f"{parameter.name}: {distribution.high} read off its largest entry"
            yield Mutant(label, "generic", _read_off(exercise, right, parameter.name, distribution.high), label)
    for label, state in STATEFUL.items():
        yield Mutant(f"state: {label}", "generic", state(right), label)


def _of_values(exercise: Exercise, axes: int) -> Iterator[tuple[str, Change]]:
    """What may be done to a right float output, axis by axis where it has some."""
    for label, change in (FLOATING | (MATRICES if axes > 1 else {})).items():
        if not (exercise.squeeze and label in SIZE_ONE):
            yield label, change
    for axis in range(axes):
        for label, along in AXIS.items():
            yield f"{label} along axis {axis}", _on_axis(along, axis)


def _by_sizes(exercise: Exercise) -> Iterator[tuple[str, Sized]]:
    for axis in exercise.sizes:
        for label, power in (("divided by", -1.0), ("divided by the root of", -0.5), ("times", 1.0)):
            yield f"{label} {axis}", _scaled_by(axis, power)
        yield f"right only for {axis} = 1", _only_for_one(axis, right=True)
        yield f"wrong only for {axis} = 1", _only_for_one(axis, right=False)
    yield "right only for square sizes", lambda out, sizes: out if len(set(sizes.values())) == 1 else -out
    yield "transposed for square sizes", lambda out, sizes: out.mT if out.ndim > 1 and _square(sizes) else out
    yield "wrong only for square sizes", lambda out, sizes: -out if _square(sizes) else out


FLOATING: dict[str, Change] = {
    "sign flipped": lambda out: -out,
    "doubled": lambda out: 2 * out,
    "halved": lambda out: out / 2,
    "one part in a thousand too large": lambda out: 1.001 * out,
    "one part in ten thousand too small": lambda out: 0.9999 * out,
    "absolute values": lambda out: out.abs(),
    "negative entries cut off": lambda out: out.clamp(min=0),
    "squared": lambda out: out**2,
    "in float16": lambda out: out.half().to(out.dtype),
    "rounded to quarters": lambda out: (out * 4).round() / 4,
    "as integers": lambda out: out.long(),
    "the average everywhere": lambda out: out.mean().expand_as(out),
    "summed to one number": lambda out: out.sum(),
    "zeros": torch.zeros_like,
    "ones": torch.ones_like,
    "NaN": lambda out: out * float("nan"),
    "None": lambda out: None,
    "an axis too many": lambda out: out[None],
    "an axis of size 1 at the end": lambda out: out[..., None],
    "axes of size 1 dropped": lambda out: out.squeeze(),
    "flattened": lambda out: out.reshape(-1),
}
MATRICES: dict[str, Change] = {
    "transposed": lambda out: out.mT if out.ndim > 1 else out,
    "reshaped to the transposed order": lambda out: out.mT.reshape(out.shape) if out.ndim > 1 else out,
}
LARGE_OUTPUTS: Mapping[str, Change] = {
    "cut off at 5": lambda out: out.clamp(-5, 5),
    "shrunk to a norm of 5": lambda out: out * (5 / out.norm()).clamp(max=1),
}
"""For outputs that get large in scaled cases; the others are listed as exceptions."""
SIZE_ONE = frozenset({"an axis too many", "an axis of size 1 at the end", "axes of size 1 dropped"})
"""Accepted where the exercise says `squeeze`."""
BOOLEAN: Mapping[str, Change] = {
    "inverted": lambda out: ~out,
    "always true": torch.ones_like,
    "always false": torch.zeros_like,
    "as numbers": lambda out: out.float(),
    "first decides for all": lambda out: out[:1].expand_as(out),
    "shifted": lambda out: out.roll(1, 0),
    "axes of size 1 dropped": lambda out: out.squeeze(),
}
AXIS: Mapping[str, Callable[[Tensor, int], Tensor]] = {
    "only the first": lambda out, axis: _only(out, axis, 0),
    "only the last": lambda out, axis: _only(out, axis, -1),
    "all but the last": lambda out, axis: out - _only(out, axis, -1),
    "shifted": lambda out, axis: out.roll(1, axis),
    "reversed": lambda out, axis: out.flip(axis),
    "the average": lambda out, axis: out.mean(axis, keepdim=True).expand_as(out),
    "one for all (broadcast)": lambda out, axis: out.narrow(axis, 0, 1),
    "summed away": lambda out, axis: out.sum(axis),
    "cumulated": lambda out, axis: out.cumsum(axis),
}


def _of_inputs(exercise: Exercise, right: Call) -> Iterator[Mutant]:
    """The right answer to another question: of every float tensor at once, and of each."""
    parameters = {each.name: each for each in exercise.parameters(exercise.variant_names[0])}
    tensors = [n for n, each in parameters.items() if each.kind == "float_tensor" and n not in exercise.draws]
    for label, change in READ.items():
        if exercise.framework != "python" or label != STORAGE:  # lists have one order
            yield Mutant(f"inputs: {label}", "generic", _reading(right, dict.fromkeys(tensors, change)), label)
    yield Mutant("inputs: clipped", "generic", lambda inputs: right(clipped(exercise, inputs)), "entries cut off")
    roomy = axes_with_room(exercise)
    if any(each.axes and each.axes[0] in roomy for each in exercise.parameters(exercise.variant_names[-1])):
        once = "inputs: equal rows counted once"
        yield Mutant(once, "generic", _rows_once(exercise, right, roomy), "repeated rows left out")
        again = "inputs: repeated observations counted once"
        yield Mutant(again, "generic", _observations_once(exercise, right, roomy), "repeated observations left out")
    for variant in exercise.variant_names:
        for axis in exercise.axis_names(variant):
            if exercise.sizes[axis][1] >= LARGE:
                label = f"{axis} read to its middle size only{f' ({variant})' if variant else ''}"
                yield Mutant(f"inputs: {label}", "generic", _short_sighted(exercise, right, variant, axis), label)
    for name in tensors:
        if isinstance(parameters[name].distribution, Normal):
            source = f"0 / 0 where {name} is 0"
            yield Mutant(f"{name}: divided out again", "generic", _reading(right, {name: lambda x: x * x / x}), source)
        for label, change in READ_ONE.items():
            yield Mutant(f"{name}: {label}", "generic", _reading(right, {name: change}), f"{name} {label}")


STORAGE = "read in storage order"
READ: Mapping[str, Change] = {
    STORAGE: lambda x: x.as_strided(x.shape, _contiguous_strides(x)) if x.numel() else x,
    "rounded to quarters": lambda x: (x * 4).round() / 4,
    "in float16": lambda x: x.half().to(x.dtype),
    "in bfloat16": lambda x: x.bfloat16().to(x.dtype),
    "transposed when square": lambda x: x.mT if x.ndim > 1 and x.shape[-1] == x.shape[-2] else x,
}
READ_ONE: Mapping[str, Change] = {
    "negated": lambda x: -x,
    "without its sign": lambda x: x.abs(),
    "replaced by ones": torch.ones_like,
    "cut off below 0": lambda x: x.clamp(min=0),
    "reversed": lambda x: x.flip(0) if x.ndim else x,
    "read as its first row only": lambda x: x[:1].expand_as(x) if x.ndim else x,
    "without its last row": lambda x: x - _only(x, 0, -1) if x.ndim else x,
    "without its first row": lambda x: x - _only(x, 0, 0) if x.ndim else x,
    "rounded towards zero": lambda x: x.trunc(),
}


def _only(out: Tensor, axis: int, index: int) -> Tensor:
    kept = torch.zeros_like(out)
    kept.select(axis, index).copy_(out.select(axis, index))
    return kept


def _on_axis(change: Callable[[Tensor, int], Tensor], axis: int) -> Change:
    return lambda out: change(out, axis) if out.ndim > axis else out


def _every(right: Call, change: Change) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        results = tuple(map(change, as_tuple(right(inputs))))
        return results if len(results) > 1 else results[0]

    return call


def _one(right: Call, position: int, change: Change) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        results = list(as_tuple(right(inputs)))
        results[position] = change(results[position])
        return tuple(results) if len(results) > 1 else results[0]

    return call


def _with_sizes(exercise: Exercise, right: Call, position: int, change: Sized) -> Call:
    return lambda inputs: _one(right, position, lambda out: change(out, _sizes(exercise, inputs)[1]))(inputs)


def _scaled_by(axis: str, power: float) -> Sized:
    return lambda out, sizes: out * float(sizes.get(axis, 1)) ** power


def _only_for_one(axis: str, *, right: bool) -> Sized:
    return lambda out, sizes: out if (sizes.get(axis, 1 if right else 0) == 1) == right else -out


def _square(sizes: Mapping[str, int]) -> bool:
    return len(sizes) > 1 and len(set(sizes.values())) == 1 and max(sizes.values()) > 1


def _swapped(right: Call, first: int) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        results = list(as_tuple(right(inputs)))
        results[first : first + 2] = results[first + 1], results[first]
        return tuple(results)

    return call


def _reading(right: Call, changes: Mapping[str, Change]) -> Call:
    return lambda inputs: right({name: changes[name](x) if name in changes else x for name, x in inputs.items()})


def _read_off(exercise: Exercise, right: Call, name: str, axis: str) -> Call:
    """Right where the last index of an axis occurs; nothing comes of it elsewhere."""

    def call(inputs: Mapping[str, Any]) -> Any:
        results = right(inputs)
        if int(inputs[name].max()) + 1 == _sizes(exercise, inputs)[1].get(axis):
            return results
        return None if isinstance(results, Tensor) else (None,) * len(results)

    return call


def _rows_once(exercise: Exercise, right: Call, axes: frozenset[str]) -> Call:
    return lambda inputs: right(_along(exercise, axes, inputs, equal_rows_once(exercise, inputs)))


def _observations_once(exercise: Exercise, right: Call, axes: frozenset[str]) -> Call:
    def call(inputs: Mapping[str, Any]) -> Any:
        once = observations_once(exercise, _sizes(exercise, inputs)[0], inputs)
        return right(_along(exercise, axes, inputs, once))

    return call


def _along(
    exercise: Exercise, axes: frozenset[str], inputs: Mapping[str, Any], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """The changed inputs where their first axis is one of these, the others as they are."""
    parameters = exercise.parameters(_sizes(exercise, inputs)[0])
    names = {each.name for each in parameters if each.axes and each.axes[0] in axes}
    return {name: changed[name] if name in names else value for name, value in inputs.items()}


def _remembered(right: Call) -> Call:
    """The first answer for each combination of shapes."""
    known: dict[tuple[object, ...], Any] = {}

    def call(inputs: Mapping[str, Any]) -> Any:
        key = tuple(getattr(value, "shape", None) for value in inputs.values())
        return known.setdefault(key, right(inputs))

    return call


def _never_zeroed(right: Call) -> Call:
    """Every answer is added to the one before if the shapes are the same."""
    kept: list[Any] = []

    def call(inputs: Mapping[str, Any]) -> Any:
        found = as_tuple(right(inputs))
        if [each.shape for each in found] == [each.shape for each in kept]:
            found = tuple(a if a.dtype == torch.bool else a + b for a, b in zip(found, kept, strict=True))
        kept[:] = [each.clone() for each in found]
        return found if len(found) > 1 else found[0]

    return call


STATEFUL: Mapping[str, Callable[[Call], Call]] = {
    "answers remembered by shapes": _remembered,
    "gradients never zeroed between calls": _never_zeroed,
}


def _short_sighted(exercise: Exercise, right: Call, variant: str, axis: str) -> Call:
    """Sees an axis only up to the middle of its allowed sizes, in one variant."""

    def call(inputs: Mapping[str, Any]) -> Any:
        seen = _sizes(exercise, inputs)[0] == variant
        return right(shortened(exercise, variant, axis, inputs) if seen else inputs)

    return call


def _contiguous_strides(x: Tensor) -> tuple[int, ...]:
    return torch.empty(x.shape, device="meta").stride()


def _sizes(exercise: Exercise, inputs: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    """The variant that these inputs belong to, and its sizes by axis."""
    for variant in exercise.variant_names:
        sizes: dict[str, int] = {}
        tensors = [each for each in exercise.parameters(variant) if isinstance(inputs[each.name], Tensor)]
        if all(len(each.axes) == inputs[each.name].ndim for each in tensors):
            for each in tensors:
                named = zip(each.axes, inputs[each.name].shape, strict=True)
                sizes.update({axis: size for axis, size in named if isinstance(axis, str)})
            return variant, sizes
    raise AssertionError("inputs of no variant")
