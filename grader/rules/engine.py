"""Evaluates an exercise with wrong rules in place of some operations of its forward pass.

How it works: a TorchFunctionMode sees every torch call. A call belongs to a place, the instruction in the author's code
that made it, so all rounds of a loop share one place. At a place with a wrong rule an autograd function stands in
for the call: its forward pass is the right one and its backward pass is the rule's, or the rule changes the result.
Everything else is the oracle's own evaluation, so every kind of question works.
Longer than most files: the mode, the places that it finds and what stands in for a call depend on each other.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, update_wrapper
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from grader.cases import oracle
from grader.exercise import Exercise, Forward
from grader.rules.rule import Operation, Rule

NAMES = {
    **dict.fromkeys("__matmul__ __rmatmul__ mm mv dot bmm vdot inner addmm".split(), "matmul"),
    **dict.fromkeys("conv1d conv2d conv3d".split(), "conv"),
    **dict.fromkeys("__mul__ __rmul__ multiply".split(), "mul"),
    **dict.fromkeys("__truediv__ __rdiv__ __rtruediv__ divide true_divide".split(), "div"),
    **dict.fromkeys("__sub__ __rsub__ rsub subtract".split(), "sub"),
    **dict.fromkeys("__add__ __radd__".split(), "add"),
    **dict.fromkeys("__pow__ square".split(), "pow"),
    **dict.fromkeys("__neg__ negative".split(), "neg"),
    **dict.fromkeys("max amax".split(), "max"),
    **dict.fromkeys("min amin".split(), "min"),
    **dict.fromkeys("max_pool1d max_pool2d max_pool3d boolean_dispatch".split(), "max_pool"),
    **dict.fromkeys("avg_pool1d avg_pool2d avg_pool3d".split(), "avg_pool"),
    **dict.fromkeys("gather take_along_dim take index_select __getitem__".split(), "index"),
    **dict.fromkeys("absolute __abs__".split(), "abs"),
    "relu_": "relu",
    "special_logsumexp": "logsumexp",
    "concat": "cat",
    "_log_softmax": "log_softmax",
    "special_expit": "sigmoid",
    "expit": "sigmoid",
}
"""Torch's names for what the tables call by one name."""
SWAPPED = frozenset("__rsub__ rsub __rdiv__ __rtruediv__ __radd__ __rmul__ __rmatmul__ __rpow__".split())
ACTIVATIONS = frozenset("relu sigmoid tanh softplus gelu silu leaky_relu elu exp".split())
ROUNDS = (0, -1, 1, -2)
"""Which rounds of a loop are looked at one by one."""
OPERATORS = {"add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "div": ast.Div, "matmul": ast.MatMult, "pow": ast.Pow}
OTHER = "the other operand"
UNNAMED = ("its input", OTHER, "its result")
"""What has no name in the author's code: first and second operand, result."""
LONGEST = 40
"""Characters of an expression that a sentence may quote."""
SMALL = 1e-2
"""A number in the author's code up to this size is an epsilon."""


Instruction = tuple[CodeType, object, str]
"""A code object, what identifies one instruction in it, and the operation that it calls."""


@dataclass(frozen=True)
class Place:
    """One instruction of the author's code that calls a torch operation.

    line: its line; operands, result: the author's names, "" where something has none; visits: how often the forward
    pass comes by; calls: for each function that is asked about, how often an evaluation does; carried: the positions of
    operands that come from the round of a loop before; order: how many places an evaluation meets before this one;
    number: the one that the author wrote down beside an operand, if any.
    """

    instruction: Instruction
    operation: str
    line: str = field(compare=False)
    operands: tuple[str, ...] = field(compare=False)
    result: str = field(compare=False)
    visits: int = field(default=0, compare=False)
    calls: Mapping[Forward, int] = field(default_factory=dict, compare=False)
    carried: tuple[int, ...] = field(default=(), compare=False)
    order: int = field(default=0, compare=False)
    number: float | None = field(default=None, compare=False)


Wrong = Mapping[Instruction, tuple[Rule, ...]]
"""The wrong rules by place: one, or one that changes the result and one that changes the gradients."""


def staged(exercise: Exercise) -> Exercise:
    """The same exercise, made ready to be evaluated many times; `places` and `evaluate` do it for one time."""
    functions = dict.fromkeys(exercise.function_of(output) for output in exercise.asks)
    stages = {function: function if isinstance(function, _Stage) else _Stage(function) for function in functions}
    asks = {output: replace(ask, of=stages[exercise.function_of(output)]) for output, ask in exercise.asks.items()}
    return replace(exercise, asks=asks)


def places(exercise: Exercise, inputs: oracle.Inputs) -> tuple[Place, ...]:
    """The places of everything that an exercise asks, in the order in which an evaluation meets them.

    Raises ExerciseError as the oracle does.
    """
    watch = _Watch()
    _evaluate(exercise, inputs, watch)
    return tuple(watch.described(place) for place in watch.found.values())


@dataclass(frozen=True)
class Step:
    """What one step of the forward pass gives, or the gradient that arrives at it; the author's line."""

    value: Tensor
    gradient: bool
    line: str


@dataclass(frozen=True)
class Use:
    """One operation that takes an input as it is: which operand it is, and the author's line.

    operation: with the gradient that arrives at its result.
    """

    operation: Operation
    name: str
    position: int
    line: str


def uses(exercise: Exercise, inputs: oracle.Inputs) -> dict[object, Use]:
    """The operations, once each, that take an input and pass a gradient on to it; raises ExerciseError."""
    watch = _Watch(keep=True)
    _evaluate(exercise, inputs, watch)
    found: dict[object, Use] = {}
    for (instruction, position), (operation, name) in watch.used.items():
        if len(watch.gradients[instruction]) == 1:
            operation.g = watch.gradients[instruction][0]
            found[instruction, position] = Use(operation, name, position, watch.found[instruction].line)
    return found


def steps(exercise: Exercise, inputs: oracle.Inputs) -> dict[object, Step]:
    """Each step's value, and the gradient that arrives at it, in the first and the last rounds of a loop.

    Raises ExerciseError as the oracle does.
    """
    watch = _Watch(keep=True)
    _evaluate(exercise, inputs, watch)
    found: dict[object, Step] = {}
    for gradient, kept in ((False, watch.values), (True, watch.gradients)):
        for instruction, values in kept.items():
            for position in ROUNDS[: 2 * len(values) - 1]:
                line = watch.found[instruction].line
                found[instruction, gradient, position] = Step(values[position], gradient, line)
    return found


def about(exercise: Exercise, functions: Collection[Forward]) -> Exercise:
    """The part of an exercise, made ready as by `staged`, that asks about some functions of the author's."""
    asks = {
        output: ask
        for output, ask in exercise.asks.items()
        if isinstance(ask.of, _Stage) and ask.of.function in functions
    }
    return replace(exercise, asks=asks)


def _nothing() -> Any:
    """No function is running."""


def evaluate(exercise: Exercise, inputs: oracle.Inputs, wrong: Wrong) -> oracle.Outputs:
    """All outputs in float64 as they are with wrong rules in place; raises whatever a wrong rule raises."""
    return _evaluate(exercise, inputs, _Substitute(wrong))


def is_used(exercise: Exercise, inputs: oracle.Inputs, wrong: Wrong) -> bool:
    """Whether what is asked depends on the wrong rules at all; raises whatever a wrong rule raises."""
    substitute = _Substitute(wrong)
    _evaluate(exercise, inputs, substitute)
    return substitute.used


def _evaluate(exercise: Exercise, inputs: oracle.Inputs, mode: TorchFunctionMode) -> oracle.Outputs:
    stage = staged(exercise) if any(not isinstance(ask.of, _Stage) for ask in exercise.asks.values()) else exercise
    for ask in stage.asks.values():
        assert isinstance(ask.of, _Stage)
        ask.of.mode = mode
    return oracle.evaluate(stage, inputs)


class _Stage:
    """A function of the author's that runs inside a mode, so that the mode does not see what the oracle does."""

    def __init__(self, function: Forward) -> None:
        update_wrapper(self, function)
        self.function = function
        self.mode: TorchFunctionMode | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        assert self.mode is not None
        if isinstance(self.mode, _Watch):
            self.mode.inputs, self.mode.function = kwargs, self.function
        with self.mode:
            return self.function(*args, **kwargs)


def canonical(function: Any) -> str:
    """The tables' name of a torch function."""
    name: str = getattr(function, "__name__", "")
    return NAMES.get(name, name)


class _Watch(TorchFunctionMode):
    """Notes each place that calls an operation with operands."""

    def __init__(self, keep: bool = False) -> None:
        super().__init__()
        self.found: dict[Instruction, Place] = {}
        self.values: dict[Instruction, list[Tensor]] = defaultdict(list)
        self.gradients: dict[Instruction, list[Tensor]] = defaultdict(list)
        """For each place, round by round, what it gives and the gradients that arrive; empty unless they are kept."""
        self.used: dict[tuple[Instruction, int], tuple[Operation, str]] = {}
        """For each place and operand that is an input, the operation and the input's name."""
        self.inputs: Mapping[str, Any] = {}
        """What the function that is running was called with."""
        self.function: Forward = _nothing
        """The author's function that is running."""
        self._keep = keep
        self._most: Counter[Instruction] = Counter()
        self._calls: dict[Instruction, Counter[Forward]] = defaultdict(Counter)
        self._rounds = _Rounds()
        self._makers: dict[int, tuple[Tensor, Instruction]] = {}
        """Address of a result -> the result (so that the address stays taken), the place that made it."""
        self._made_by: dict[tuple[Instruction, int], list[Instruction | None]] = defaultdict(list)
        """For each place and round, which places made its operands."""

    def described(self, place: Place) -> Place:
        """A place with what is known when the evaluation is over."""
        key = place.instruction
        first, second = self._made_by[key, 0], self._made_by[key, 1]
        carried = tuple(i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
        return replace(place, visits=self._most[key], calls=self._calls[key], carried=carried)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        frame = _author(sys._getframe(1))
        operands = Operation(func, args, kwargs).operands if frame is not None else ()
        result = func(*args, **kwargs)
        if frame is not None and operands and _is_operation(func):
            key = _instruction(frame, func)
            visit = self._rounds.next(frame, key)
            self._most[key] = max(self._most[key], visit + 1)
            self._calls[key][self.function] += 1
            if key not in self.found:
                line = _line(frame)
                operation = _specific(canonical(func), args, kwargs)
                names = tuple(_name(frame, each, line) for each in operands)
                names = names if len(names) > 1 and all(names) else _sides(line, operation) or names
                if operation == "mean" and self._makers.get(id(operands[0]), (None, ("", "", "")))[1][2] == "pow":
                    operation = "mean_square"
                number = next((each for each in args if isinstance(each, float)), None)
                order = len(self.found)
                self.found[key] = Place(key, operation, line, names, _target(line), order=order, number=number)
            if visit < 2:
                self._made_by[key, visit] = [self._makers.get(id(each), (None, None))[1] for each in operands]
            if isinstance(result, Tensor):
                self._makers[id(result)] = (result, key)
                if self._keep and result.is_floating_point():
                    self.values[key].append(result.detach())
                    for position, each in enumerate(operands):
                        if name := next((name for name, value in self.inputs.items() if value is each), ""):
                            self.used[key, position] = (_detached(Operation(func, args, kwargs)), name)
                    if result.requires_grad:
                        result.register_hook(self.gradients[key].append)
        return result


class _Substitute(TorchFunctionMode):
    """Puts wrong rules in their places."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__()
        self.used = False
        """Whether a wrong rule was asked for a result or a gradient."""
        self._wrong = wrong
        self._looked_at = ACTIVATIONS.union(operation for _, _, operation in wrong)
        self._rounds = _Rounds()
        self._before: dict[int, tuple[Tensor, Tensor]] = {}
        """Address of an activation's result -> the result (so that the address stays taken), its operand."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if canonical(func) not in self._looked_at:  # most calls are: to find out where they are made is dear
            return func(*args, **kwargs)
        frame = _author(sys._getframe(1))
        rules = self._wrong.get(_instruction(frame, func)) if frame is not None else None
        if frame is None or rules is None:
            result = func(*args, **kwargs)
        else:
            result = self._replaced(rules, frame, func, args, kwargs)
        if frame is not None and isinstance(result, Tensor) and canonical(func) in ACTIVATIONS:
            self._before[id(result)] = (result, args[0])
        return result

    def _replaced(self, rules: tuple[Rule, ...], frame: FrameType, func: Any, args: Any, kwargs: Any) -> Any:
        swapped = getattr(func, "__name__", "") in SWAPPED
        operation = Operation(func, args, kwargs, swapped, _epsilon(frame))
        if not operation.operands:
            return func(*args, **kwargs)
        operation.before = tuple(self._before.get(id(each), (None, None))[1] for each in operation.operands)
        key = _instruction(frame, func)
        operation.visit = self._rounds.next(frame, key)
        operation.constant = next((rule.constant for rule in rules if rule.constant is not None), 0.0)
        self.used = self.used or any(rule.backward is None for rule in rules)
        if (instead := next((rule.instead for rule in rules if rule.instead), None)) is not None:
            return instead(operation)
        visits = self._rounds.counter(frame)

        def count() -> int:  # known when the loop is over
            self.used = True
            return visits[key]

        value = _StandIn.apply(operation, rules, count, *operation.operands)  # type: ignore[no-untyped-call]
        whole = func(*args, **kwargs)
        return value if isinstance(whole, Tensor) else type(whole)((value, *whole[1:]))


class _Rounds:
    """Counts how often each place was visited since the exercise's function was last called."""

    def __init__(self) -> None:
        self._call: FrameType | None = None
        self._visits: Counter[Instruction] = Counter()

    def counter(self, frame: FrameType) -> Counter[Instruction]:
        """The visits of the running call, which go on counting until it returns."""
        outermost = frame
        while outermost.f_back is not None and not _is_ours(outermost.f_back):
            outermost = outermost.f_back
        if outermost is not self._call:  # keeping the frame keeps another from taking its identity
            self._call, self._visits = outermost, Counter()
        return self._visits

    def next(self, frame: FrameType, key: Instruction) -> int:
        """The number of this visit, from 0."""
        visits = self.counter(frame)
        visits[key] += 1
        return visits[key] - 1


class _StandIn(torch.autograd.Function):
    """The operation with a wrong result, wrong gradients, or both."""

    @staticmethod
    def forward(ctx: Any, operation: Operation, rules: tuple[Rule, ...], count: Any, *operands: Tensor) -> Tensor:
        """The result of the first rule that changes it, else the right one."""
        operation.operands = tuple(each.detach() for each in operands)
        forward = next((rule.forward for rule in rules if rule.forward), None)
        operation.y = operation.value().clone()
        ctx.operation, ctx.rules, ctx.count = operation, rules, count
        return operation.y if forward is None else forward(operation).clone()

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        """The gradients of the first rule that changes them, else the right ones."""
        operation: Operation = ctx.operation
        operation.g, operation.visits = g, ctx.count()
        rule = next((rule for rule in ctx.rules if rule.backward), ctx.rules[0])
        with torch._C.DisableTorchFunction():
            return (None, None, None, *rule.propagate(operation))


def _detached(operation: Operation) -> Operation:
    operation.operands = tuple(each.detach() for each in operation.operands)
    return operation


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("grader.")


def _author(frame: FrameType | None) -> FrameType | None:
    """The innermost frame outside of torch; None where the grader itself made the call."""
    while frame is not None and str(frame.f_globals.get("__name__", "")).split(".", 1)[0] == "torch":
        frame = frame.f_back
    return None if frame is None or _is_ours(frame) else frame


def _instruction(frame: FrameType, function: Any) -> Instruction:
    """The instruction that a frame is at, by its source columns where Python knows them, and what it calls.

    An offset alone is not enough: Python 3.11 runs a call at another offset once it has specialised it.
    """
    positions = _positions(frame.f_code)
    place = positions[frame.f_lasti // 2] if positions else frame.f_lasti
    return frame.f_code, place, canonical(function)


@cache
def _positions(code: CodeType) -> tuple[object, ...]:
    """First and last line and column of each instruction; nothing before Python 3.11."""
    return tuple(getattr(code, "co_positions", tuple)())


def _is_operation(function: Any) -> bool:
    """Whether a call computes something; the rest looks at a tensor or writes into one."""
    name = getattr(function, "__name__", "")
    return not name.endswith("_") or name in NAMES or name in SWAPPED


def _specific(name: str, args: Any, kwargs: Mapping[str, Any]) -> str:
    """ReLU as it is often written: clamp(min=0), maximum with zeros."""
    if name in {"clamp", "clamp_min", "clip"} and (args[1] if len(args) > 1 else kwargs.get("min")) == 0:
        return "relu"
    return "relu" if name == "maximum" and not bool(args[1].any()) else name


def _name(frame: FrameType, operand: Tensor, line: str) -> str:
    """The author's name of a tensor in a line; "" for what was computed on the spot."""
    words = frozenset(re.findall(r"\w+", line))
    return next((name for name, value in frame.f_locals.items() if value is operand and name in words), "")


def _sides(line: str, operation: str) -> tuple[str, ...]:
    """What the author wrote on both sides of an operator; empty where the line has it not exactly once."""
    try:
        tree = ast.parse(line)
    except SyntaxError:  # a part of a longer statement
        return ()
    kind = OPERATORS.get(operation)
    found = [part for part in ast.walk(tree) if kind and isinstance(part, ast.BinOp) and isinstance(part.op, kind)]
    sides = [ast.unparse(side) for part in found for side in (part.left, part.right)] if len(found) == 1 else []
    return tuple(text if text.isidentifier() else f"`{text}`" if len(text) <= LONGEST else "" for text in sides)


def _line(frame: FrameType) -> str:
    """The author's line, without its comment."""
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    return text.split("  #", 1)[0].strip()


def _target(line: str) -> str:
    """What the line assigns to; "" where it returns or is part of a longer statement."""
    name, equals, _ = line.partition(" = ")
    return name if equals and name.isidentifier() else ""


def _epsilon(frame: FrameType) -> float | None:
    """The small number that the author's function uses."""
    named = [frame.f_globals.get(name) for name in frame.f_code.co_names]
    numbers = (*frame.f_locals.values(), *frame.f_code.co_consts, *named)
    return next((each for each in numbers if isinstance(each, float) and 0 < each <= SMALL), None)


def operand_names(place: Place) -> dict[str, str]:
    """The author's names for the placeholders of a hint."""
    first, second = (*place.operands, "", "")[:2]
    return {"x": first or UNNAMED[0], "w": second or OTHER, "y": place.result or UNNAMED[2]}
