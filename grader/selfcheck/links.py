"""What autograd says about the intermediate results of a forward pass, by the names that its author gave them.

A name is that of a local variable of the forward pass (`prob`), or `d<result>_d<by>` for a derivative between two of
them (`dloss_dprob`). No list of right links is needed: the forward pass runs once with its frames watched.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor

from grader.cases import oracle
from grader.cases.oracle import Expected, Inputs
from grader.exercise import Exercise, Gradient, Value, parameter_names
from grader.grading import compare
from grader.grading.compare import Judgement
from grader.wire.outcome import Item
from grader.wire.tensors import items

MAX_ROWS = 64
"""Entries of a result up to which its full Jacobian is computed too."""
MAX_BYTES = 2**20
Names = dict[str, Any]
Form = Callable[[Tensor, Tensor], Tensor | None]


def known_names(exercise: Exercise, inputs: Inputs) -> tuple[str, ...]:
    """The inputs and intermediate results of the forward pass; raises whatever the forward pass raises."""
    values = _forward(exercise, dict(inputs))
    return tuple(name for name, value in values.items() if isinstance(value, Tensor) and value.is_floating_point())


def expected(exercise: Exercise, name: str, inputs: Inputs) -> tuple[Expected, ...]:
    """What a link may be: the value or the gradient of the sum, and the full Jacobian where that has another shape.

    Empty where the forward pass has no such link. Raises whatever the forward pass raises.
    """
    answers: list[Expected] = []
    for form in (_summed, _jacobian):
        if _link(exercise, name, dict(inputs), form) is None:
            continue

        @functools.wraps(exercise.forward)
        def link(form: Form = form, **given: Any) -> Tensor | None:
            return _link(exercise, name, given, form)

        answer = oracle.expect(replace(exercise, asks={name: Value(of=link)}), inputs)
        if answer is not None and all(answer[name].value.shape != other.value.shape for other in answers):
            answers.append(answer[name])
    return tuple(answers)


def judge(exercise: Exercise, name: str, value: object, answers: tuple[Expected, ...]) -> Judgement:
    """Compare a link with autograd's: with the form that has its shape, or else with the first."""
    item = as_item(value)
    judgements = [compare.compare(exercise, name, item, answer) for answer in answers]
    fits = [each for each, answer in zip(judgements, answers, strict=True) if _shape(item) == tuple(answer.value.shape)]
    return (fits or judgements)[0]


def as_item(value: object) -> Item:
    """A value as a worker would send it; more than one is as wrong as any other foreign object."""
    found, bare = items(value, MAX_BYTES, 1)
    return found[0] if bare or len(found) == 1 else items([value], MAX_BYTES, 1)[0][0]


def _link(exercise: Exercise, name: str, inputs: Names, form: Form) -> Tensor | None:
    """The link's value in the precision of the inputs; None where there is none."""
    with torch.enable_grad():
        leaves = {
            key: value.detach().clone().requires_grad_()
            if isinstance(value, Tensor) and value.is_floating_point()
            else value
            for key, value in inputs.items()
        }
        values = _forward(exercise, leaves)
        if isinstance(values.get(name), Tensor) and name not in inputs:
            return values[name].detach() if form is _summed else None
        for result, by in _splits(name):
            if isinstance(values.get(result), Tensor) and isinstance(values.get(by), Tensor) and result != by:
                return form(values[result], values[by])
    return None


def _summed(result: Tensor, by: Tensor) -> Tensor | None:
    """The gradient of the result's sum: for a link that acts entry by entry its derivative."""
    if not (result.requires_grad and by.requires_grad):
        return None
    return torch.autograd.grad(result.sum(), by, allow_unused=True)[0]


def _jacobian(result: Tensor, by: Tensor) -> Tensor | None:
    """Shape of the result, then of what it is differentiated by."""
    if not (result.requires_grad and by.requires_grad) or result.numel() > MAX_ROWS:
        return None
    rows = [torch.autograd.grad(each, by, retain_graph=True, allow_unused=True)[0] for each in result.reshape(-1)]
    if not rows or any(row is None for row in rows):
        return None
    return torch.stack(rows).reshape((*result.shape, *by.shape))


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Every way to read `d<result>_d<by>`, or `d<result>/d<by>`."""
    text = name.replace("/", "_")
    if text.startswith("d"):
        for place in range(2, len(text) - 2):
            if text[place : place + 2] == "_d":
                yield text[1:place], text[place + 2 :]


def _forward(exercise: Exercise, inputs: Names) -> Names:
    """Everything that has a name when the forward pass has run: locals and results of the author's functions."""
    function = inspect.unwrap(exercise.forward)
    file = function.__code__.co_filename
    own = {name: inputs[name] for name in parameter_names(exercise.forward)}  # a gradient that arrives is none of it
    with _frames(lambda code: code.co_filename == file) as frames:
        result = function(**own)
    values: Names = {}
    for frame in frames:  # the forward pass itself returns last and overwrites the others
        values.update({name: value for name, value in frame.items() if isinstance(value, Tensor)})
    # The result's own name: what its author calls it, and what the outputs call it (dy_dW -> y).
    for name in (function.__name__, *_names_of_result(exercise)):
        values.setdefault(name, result)
    return values


def _names_of_result(exercise: Exercise) -> Iterator[str]:
    for output, ask in exercise.asks.items():
        if isinstance(ask, Gradient) and ask.of is None:
            yield from (result for result, by in _splits(output) if by == ask.wrt)


@contextmanager
def _frames(wanted: Callable[[CodeType], bool]) -> Iterator[list[Mapping[str, Any]]]:
    """The local variables of the wanted functions, each as it returned, with its result under its own name."""
    found: list[Mapping[str, Any]] = []

    def watch(frame: FrameType, event: str, argument: object) -> None:
        if event == "return" and wanted(frame.f_code):
            found.append({**frame.f_locals, frame.f_code.co_name: argument})

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before if callable(before) else None)  # a profiler written in C cannot be put back


def _shape(item: Item) -> tuple[int, ...] | None:
    return getattr(item, "shape", None)
