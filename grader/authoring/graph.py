"""The computation graph of a forward pass, watched while it runs once on small inputs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.exercise import Exercise, Parameter

PRIMES = (3, 5, 7, 11, 13, 17)
"""One size per axis, all different, so that an axis of a result can be called by its name again."""
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

    An exercise with variants is drawn in its last one.
    """
    variant = exercise.variant_names[-1]
    sizes = dict(zip(exercise.axis_names(variant), PRIMES, strict=False))
    inputs = {parameter.name: _example(parameter, sizes) for parameter in exercise.parameters(variant)}
    watch = _Watch(inputs, sizes, exercise.forward.__code__.co_filename)
    profile = sys.getprofile()
    sys.setprofile(watch.note_names)
    try:
        with watch:
            result = exercise.forward(**inputs)
    finally:
        sys.setprofile(profile)
    nodes = list(watch.nodes)
    last = watch.positions.get(id(result), len(nodes) - 1)
    nodes[last] = replace(nodes[last], name=nodes[last].name or exercise.forward.__name__)
    return _reachable(nodes, last)


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

    def __init__(self, inputs: Mapping[str, Any], sizes: Mapping[str, int], filename: str) -> None:
        super().__init__()
        self.names = {size: axis for axis, size in sizes.items()}
        self.filename = filename
        tensors = {name: value for name, value in inputs.items() if isinstance(value, Tensor)}
        self.kept = list(tensors.values())  # alive, so that no id is used twice
        self.positions = {id(value): position for position, value in enumerate(tensors.values())}
        self.nodes = [Node(name, name, self._shape(value), is_input=True) for name, value in tensors.items()]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor) and id(out) not in self.positions:
            flat = torch.utils._pytree.tree_leaves((args, kwargs))
            parents = [self.positions[id(value)] for value in flat if id(value) in self.positions]
            self.positions[id(out)] = len(self.nodes)
            self.kept.append(out)
            self.nodes.append(Node(_label(func, args), "", self._shape(out), tuple(dict.fromkeys(parents))))
        return out

    def _shape(self, value: Tensor) -> str:
        axes = [self.names.get(size, str(size)) for size in value.shape]
        return "()" if not axes else f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"

    def note_names(self, frame: FrameType, event: str, argument: object) -> None:
        """Called when a function returns: its variables, or else its own name, name the results."""
        if event != "return" or frame.f_code.co_filename != self.filename:
            return
        for name, value in (*frame.f_locals.items(), (frame.f_code.co_name, argument)):
            position = self.positions.get(id(value))
            if position is not None and not self.nodes[position].name:
                self.nodes[position] = replace(self.nodes[position], name=name)


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
    if parameter.kind == "float":
        return 0.5
    if parameter.kind == "int":
        return 1
    dtype = {"int_tensor": torch.int64, "bool_tensor": torch.bool}.get(parameter.kind, torch.float32)
    return torch.zeros(parameter.shape(sizes), dtype=dtype)


def _reachable(nodes: list[Node], last: int) -> tuple[Node, ...]:
    """Only what the result is computed from, renumbered."""
    wanted = {last}
    for position in range(last, -1, -1):
        if position in wanted:
            wanted.update(nodes[position].parents)
    order = {old: new for new, old in enumerate(sorted(wanted))}
    return tuple(replace(nodes[old], parents=tuple(order[p] for p in nodes[old].parents)) for old in order)


def _spoken(nodes: tuple[Node, ...], position: int) -> str:
    return nodes[position].name or f"step {position + 1}"
