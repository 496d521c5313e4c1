"""The computation graph of a forward pass, watched while it runs on small inputs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.exercise import Axis, Constant, Exercise, Parameter, Size, parameter_names, size_of

PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31)
"""One size per axis, all different, so that an axis of a result can be called by its name again."""
ATTEMPTS = 5_000
"""How many sizes are drawn where the primes do not meet the exercise's conditions."""
RUNS = 12
"""Under how many of them a forward pass runs: few axes have one length in all of these."""
SYMBOLS = {
    "sub": "−",
    "add": "+",
    "mul": "×",
    "div": "÷",
    "truediv": "÷",
    "neg": "−",
    "getitem": "select",
    "pow": "power",
}

REFLECTED = frozenset({"rsub", "rdiv", "rtruediv"})
"""What Python calls for `number - tensor` and the like: the number comes first."""


@dataclass(frozen=True)
class Node:
    """An input or an operation.

    label: the operation, or the input's name; name: what the author calls the result, or "";
    shape: such as "(N, H)"; parents: positions of the nodes that it is computed from.
    """

    label: str
    name: str
    shape: str
    parents: tuple[int, ...] = ()
    is_input: bool = False


def graph(exercise: Exercise) -> tuple[Node, ...]:
    """Inputs and operations in order of appearance; inputs that the forward pass does not use are left out.

    An exercise with variants is drawn in its last one. An axis of a result has the name that fits under several sizes,
    because conditions may let two axes be of one size.
    """
    variant = exercise.variant_names[-1]
    tried = _sizes(exercise, variant)
    runs = [_run(exercise, variant, sizes) for sizes in tried]
    nodes, lengths, last = runs[0]
    alike = [(sizes, run[1]) for sizes, run in zip(tried, runs, strict=True) if len(run[0]) == len(nodes)]
    axes: tuple[Axis, ...] = (*exercise.axis_names(variant), *_axes(exercise, variant))
    shapes = {parameter.name: parameter.axes for parameter in exercise.parameters(variant)}
    named: list[Node] = []
    for position, node in enumerate(nodes):
        own = shapes[node.name] if node.is_input else None
        names = own or [
            _name(axes, [(sizes, each[position][axis]) for sizes, each in alike])
            for axis in range(len(lengths[position]))
        ]
        named.append(replace(node, shape=_shape([str(name) for name in names])))
    return _reachable(named, last)


def _run(
    exercise: Exercise, variant: str, sizes: Mapping[str, int]
) -> tuple[list[Node], list[tuple[int, ...]], set[int]]:
    """All nodes without shapes, the lengths of their axes, and the positions of the results."""
    known = parameter_names(exercise.forward)
    parameters = [parameter for parameter in exercise.parameters(variant) if parameter.name in known]
    inputs = {parameter.name: _example(parameter, sizes) for parameter in parameters}
    watch = _Watch(inputs, exercise.forward.__code__.co_filename)
    profile = sys.getprofile()
    sys.setprofile(watch.note_names)
    try:
        with watch:
            result = exercise.forward(**inputs)
    finally:
        sys.setprofile(profile)
    nodes = list(watch.nodes)
    results = result if isinstance(result, dict) else {exercise.forward.__name__: result}
    last = {watch.positions.get(id(value), len(nodes) - 1): name for name, value in results.items()}
    for position, name in last.items():
        nodes[position] = replace(nodes[position], name=nodes[position].name or name)
    return nodes, watch.lengths, set(last)


def _sizes(exercise: Exercise, variant: str) -> list[dict[str, int]]:
    """Sizes that meet the conditions, those first in which most axes differ from each other."""
    axes = exercise.axis_names(variant)
    sizes = dict(zip(axes, PRIMES, strict=False))
    if not exercise.conditions and all(isinstance(axis, int) or axis in sizes for axis in _axes(exercise, variant)):
        return [sizes]
    rng = np.random.default_rng(0)
    spans = [range(exercise.sizes[axis][0], exercise.sizes[axis][1] + 1) for axis in axes]
    drawn = [dict(zip(axes, (int(rng.choice(span)) for span in spans), strict=True)) for _ in range(ATTEMPTS)]
    allowed = [each for each in drawn if exercise.allows(each, variant)]
    lengths = [{size_of(axis, each) for axis in _axes(exercise, variant)} - {1} for each in allowed]
    best = sorted(range(len(allowed)), key=lambda position: -len(lengths[position]))
    return [allowed[position] for position in best[:RUNS]]


def _axes(exercise: Exercise, variant: str) -> list[Axis]:
    return list(dict.fromkeys(axis for parameter in exercise.parameters(variant) for axis in parameter.axes))


def _name(axes: Sequence[Axis], seen: Sequence[tuple[Mapping[str, int], int]]) -> str:
    """What has this length under all sizes: an axis, a product of two, a number, or a dot where it is none of these."""
    for axis in axes:
        if not isinstance(axis, int) and all(size_of(axis, sizes) == length for sizes, length in seen):
            return str(axis)
    for one, other in combinations(seen[0][0], 2):
        if all(sizes[one] * sizes[other] == length for sizes, length in seen):
            return f"{one}*{other}"
    lengths = {length for _, length in seen}
    return str(lengths.pop()) if len(lengths) == 1 else "·"


def _shape(names: Sequence[str]) -> str:
    return "()" if not names else f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def describe(nodes: tuple[Node, ...]) -> str:
    """The graph in words, one operation after another, for those who cannot see the figure."""
    steps = []
    for position, node in enumerate(nodes):
        if not node.is_input:
            arguments = ", ".join(_spoken(nodes, parent) for parent in node.parents)
            steps.append(f"{_spoken(nodes, position)} {node.shape} from {arguments} by {node.label}".strip())
    return "; ".join(steps) + "."


class _Watch(TorchFunctionMode):
    """Notes every torch operation, and what the author's functions call its result."""

    def __init__(self, inputs: Mapping[str, Any], filename: str) -> None:
        super().__init__()
        self.filename = filename
        tensors = {name: value for name, value in inputs.items() if isinstance(value, Tensor)}
        self.kept = list(tensors.values())  # alive, so that no id is used twice
        self.positions = {id(value): position for position, value in enumerate(tensors.values())}
        self.nodes = [Node(name, name, "", is_input=True) for name in tensors]
        self.lengths = [tuple(value.shape) for value in tensors.values()]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for each in out if isinstance(out, tuple) else (out,):  # max gives values and indices
            if isinstance(each, Tensor) and id(each) not in self.positions:
                flat = torch.utils._pytree.tree_leaves((args, kwargs))
                parents = [self.positions[id(value)] for value in flat if id(value) in self.positions]
                self.positions[id(each)] = len(self.nodes)
                self.kept.append(each)
                self.nodes.append(Node(_label(func, args), "", "", tuple(dict.fromkeys(parents))))
                self.lengths.append(tuple(each.shape))
        return out

    def note_names(self, frame: FrameType, event: str, argument: object) -> None:
        """Called when a function returns: its variables, or else its own name, name the results."""
        if event != "return" or frame.f_code.co_filename != self.filename:
            return
        for name, value in (*frame.f_locals.items(), (frame.f_code.co_name, argument)):
            position = self.positions.get(id(value))
            if position is not None and not self.nodes[position].name:
                self.nodes[position] = replace(self.nodes[position], name=name)


class _Scalar(float):
    """A number among the inputs, which is shown by its name, also in the little that is done to it before tensors."""

    name: str

    def __new__(cls, name: str, value: float) -> _Scalar:
        scalar = super().__new__(cls, value)
        scalar.name = name
        return scalar

    def __str__(self) -> str:
        return self.name

    def __rsub__(self, other: float) -> _Scalar:
        return _Scalar(f"({other} − {self})", other - float(self))

    def __rmul__(self, other: float) -> _Scalar:
        return _Scalar(str(self) if other == 1 else f"{other} {self}", other * float(self))

    def __pow__(self, exponent: float, modulo: None = None) -> _Scalar:
        return _Scalar(f"{self}^{exponent}", float(self) ** exponent)


def _label(func: Any, args: tuple[Any, ...]) -> str:
    name = getattr(func, "__name__", str(func)).strip("_")
    if name == "get" and hasattr(func, "__self__"):
        name = str(func.__self__.__name__)
    if name == "pow" and len(args) > 1 and not isinstance(args[1], Tensor):
        return "square" if args[1] == 2 else f"power {args[1]}"
    number = next((arg for arg in args if isinstance(arg, (int, float)) and not isinstance(arg, bool)), None)
    swapped = name in REFLECTED
    symbol = SYMBOLS.get(name[1:] if swapped else name, name)
    if number is None or symbol not in "−+×÷":
        return symbol
    return f"{number} {symbol}" if swapped else f"{symbol} {number}"


def _example(parameter: Parameter, sizes: Mapping[str, int]) -> Tensor | float | int:
    if isinstance(parameter.distribution, Size):
        return size_of(parameter.distribution.axis, sizes)
    if isinstance(parameter.distribution, Constant):
        return parameter.distribution.value
    if parameter.kind == "bool":
        return False
    if parameter.kind == "float":
        return _Scalar(parameter.name, 0.5)
    if parameter.kind == "int":
        return 1
    dtype = {"int_tensor": torch.int64, "bool_tensor": torch.bool}.get(parameter.kind, torch.float32)
    return torch.zeros(parameter.shape(sizes), dtype=dtype)


def _reachable(nodes: list[Node], last: set[int]) -> tuple[Node, ...]:
    """Only what the results are computed from, renumbered."""
    wanted = set(last)
    for position in range(max(last), -1, -1):
        if position in wanted:
            wanted.update(nodes[position].parents)
    order = {old: new for new, old in enumerate(sorted(wanted))}
    return tuple(replace(nodes[old], parents=tuple(order[p] for p in nodes[old].parents)) for old in order)


def _spoken(nodes: tuple[Node, ...], position: int) -> str:
    return nodes[position].name or f"step {position + 1}"
