"""Which intermediate result of a student's function is wrong, shown by repair: with autograd's value in its place, what
follows becomes right.

A name alone proves nothing: a student's `h` may be what the exercise calls `hact`, or belong to another step of a loop.
So the function runs once with its local variables watched, and once more for each variable that differs, with
autograd's value put in its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any

import torch
from torch import Tensor

from grader.cases.case import Case
from grader.cases.oracle import Expected
from grader.exercise import Exercise
from grader.grading.compare import judge
from grader.selfcheck import links
from grader.wire.outcome import Outcome

MAX_BYTES = 2**20
Call = Callable[[Case], Outcome]


@dataclass(frozen=True)
class WrongVariable:
    """A local variable to look at, and the output or later variable that is right once it has autograd's value."""

    name: str
    makes_right: str


@dataclass
class _Watch:
    """Traces the first call of a function: the values that each local variable takes, in order of first appearance.

    repair: a variable's name and the value that it is given as soon as it has one.
    """

    entry_point: str
    repair: tuple[str, Tensor] | None = None
    values: dict[str, list[object]] = field(default_factory=dict)
    _traced: bool = False
    _before: Any = None

    def __enter__(self) -> _Watch:
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        if self._traced or frame.f_code.co_name != self.entry_point:
            return None
        self._traced = True
        return self._step

    def _step(self, frame: FrameType, event: str, argument: object) -> Any:
        variables = frame.f_locals  # looked up once: before Python 3.13 each look takes back what was set
        if self.repair and self.repair[0] in variables and self.repair[0] not in self.values:
            variables[self.repair[0]] = self.repair[1]
        for name, value in list(variables.items()):
            known = self.values.setdefault(name, [])
            if not any(value is each for each in known):
                known.append(value)
        return self._step


def first_wrong(exercise: Exercise, output: str, case: Case, call: Call) -> WrongVariable | None:
    """The first wrong local variable that has the name of a link, or None where nothing is certain.

    It is certain where every link that was named before agrees or does not matter for the result, each has one value in
    the whole call, and autograd's value in the variable's place makes `output`, or a link that is named later, right.
    call: runs the student's function on the case in this process.
    """
    if exercise.use is not None:
        return None
    before, values = watched(exercise, case, call)
    expected = _expected(exercise, values, case)
    for name, answers in expected.items():
        if len(values[name]) > 1 or not (right := _right_value(values[name][0], answers)):
            return None  # whatever the name stands for here, it is not the link
        if agrees(exercise, name, values, answers):
            continue
        after, repaired = watched(exercise, case, call, (name, right[0]))
        if judge(exercise, case, after)[output].verdict == "passed":
            return WrongVariable(name, output)
        if after == before:
            continue  # nothing depends on it
        later = list(expected)[list(expected).index(name) + 1 :]
        fixed = (
            each
            for each in later
            if not agrees(exercise, each, values, expected[each]) and agrees(exercise, each, repaired, expected[each])
        )
        return next((WrongVariable(name, each) for each in fixed), None)
    return None


def watched(
    exercise: Exercise, case: Case, call: Call, repair: tuple[str, Tensor] | None = None
) -> tuple[Outcome, dict[str, list[object]]]:
    """One call, and the values that each local variable of the function takes in it."""
    with _Watch(exercise.entry_point, repair) as watch:
        outcome = call(case)
    return outcome, watch.values


def _expected(exercise: Exercise, values: Mapping[str, object], case: Case) -> dict[str, tuple[Expected, ...]]:
    """What autograd says about each local variable that has the name of a link, in order of appearance."""
    inputs = case.inputs
    names = [name for name in values if name not in exercise.asks and name not in inputs]
    answers = {name: links.expected(exercise, name, inputs) for name in names}
    return {name: found for name, found in answers.items() if found}


def _right_value(value: object, answers: tuple[Expected, ...]) -> tuple[Tensor, ...]:
    """Autograd's value in the shape and dtype of the student's, where the shapes differ by axes of size 1 at most."""
    if not isinstance(value, (Tensor, float, int)):
        return ()
    tensor = torch.as_tensor(value)
    if tensor.layout != torch.strided or tensor.numel() * 8 > MAX_BYTES:
        return ()
    wanted = [each.value for each in answers if each.value.squeeze().shape == tensor.squeeze().shape]
    dtype = tensor.dtype if tensor.is_floating_point() else torch.float32
    return tuple(each.reshape(tensor.shape).to(dtype) for each in wanted[:1])


def agrees(exercise: Exercise, name: str, values: Mapping[str, list[object]], answers: tuple[Expected, ...]) -> bool:
    """Whether a variable has one value in the call, and that is autograd's, axes of size 1 aside."""
    if len(values.get(name, ())) != 1:
        return False
    value = values[name][0]
    for each in answers:
        if isinstance(value, (Tensor, float, int)):
            tensor = torch.as_tensor(value)
            if tensor.squeeze().shape == each.value.squeeze().shape:
                return links.judge(exercise, name, tensor.reshape(each.value.shape), (each,)).verdict == "passed"
    return False
