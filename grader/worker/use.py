"""Runs the lines in which an exercise uses the student's code; each `yield` is sent at once, whatever comes after."""

from __future__ import annotations

import ast
import inspect
import re
import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType
from typing import Any

import numpy as np
import torch

from grader.wire import tensors
from grader.wire.outcome import NO_RETURN, Array, Evidence, Foreign, Misfit, Raised, Result
from grader.wire.protocol import CallRequest, Done, Target, TooMuch
from grader.worker.call import (
    CallWatcher,
    Describe,
    decoded,
    described,
    how_none,
    is_modified,
    is_out_of_memory,
    settle,
)
from grader.worker.student import StudentNames, Undefined

FILE = "<use>"
"""The file name of the lines of a use in a traceback."""

NO_NONE = re.compile(r"cannot unpack non-iterable NoneType|'NoneType' object is not (iterable|subscriptable)")
NOT_ITERABLE = re.compile(r"cannot unpack non-iterable|object is not iterable")
TOO_FEW = re.compile(r"not enough values to unpack \(expected (?:at least )?\d+, got (\d+)\)")
TOO_MANY = re.compile(r"too many values to unpack")
NOT_CALLABLE = re.compile(r"object is not callable")
ARGUMENTS = re.compile(r"positional argument|keyword argument|takes no arguments|multiple values for")

Steps = Generator[dict[str, object], None, None]
Send = Callable[[Mapping[str, Result], tuple[Evidence, ...]], None]
"""Takes the results of a yield, and what the tripwires saw from the beginning to there."""


@dataclass(frozen=True)
class Lines:
    """The lines of a use, ready to run.

    calls: for each result that one call gives, the line of that call and the code of what is called.
    """

    function: Callable[..., Steps]
    calls: Mapping[str, tuple[int, CodeType]]


class WrongCount(Exception):
    """A call gave another number of results than are taken apart."""

    def __init__(self, got: int) -> None:
        super().__init__(got)
        self.got = got


def compiled(target: Target) -> Lines:
    """The generator function that the text of a use defines."""
    tree = ast.parse(target.use)
    calls = {
        name: (call.lineno, compile(ast.Expression(call.func), FILE, "eval")) for name, call in _calls(tree).items()
    }
    module: dict[str, Any] = {"np": np, "torch": torch, _counted.__name__: _counted}
    counting = ast.fix_missing_locations(_Counting(_yielded(tree)).visit(tree))
    exec(compile(counting, FILE, "exec"), module)  # noqa: S102 - the exercise's own lines, from the trusted side
    return Lines(module[re.findall(r"def\s+(\w+)", target.use)[0]], calls)


def _calls(tree: ast.AST) -> dict[str, ast.Call]:
    """The call that gives each yielded result, directly or through a variable that has no other value."""
    made: dict[str, list[ast.expr]] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.Assign):
            for target in part.targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        made.setdefault(name.id, []).append(part.value if name is target else target)
    found: dict[str, ast.Call] = {}
    for part in ast.walk(tree):
        if isinstance(part, ast.Yield) and isinstance(part.value, ast.Dict):
            for key, value in zip(part.value.keys, part.value.values, strict=True):
                values = made.get(value.id, []) if isinstance(value, ast.Name) else [value]
                if isinstance(key, ast.Constant) and len(values) == 1 and isinstance(values[0], ast.Call):
                    found[str(key.value)] = values[0]
    return found


def _yielded(tree: ast.AST) -> frozenset[str]:
    """The variables that are yielded as results; others hold what the student's code hands on, such as a cache."""
    dicts = [part.value for part in ast.walk(tree) if isinstance(part, ast.Yield)]
    values = [value for each in dicts if isinstance(each, ast.Dict) for value in each.values]
    return frozenset(value.id for value in values if isinstance(value, ast.Name))


class _Counting(ast.NodeTransformer):
    """`a, b = f(x)` counts what f gave before it is taken apart."""

    def __init__(self, yielded: frozenset[str]) -> None:
        self.yielded = yielded

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target = node.targets[0]
        parts = target.elts if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Call) else []
        if parts and not any(isinstance(each, ast.Starred) for each in parts):
            alike = all(isinstance(each, ast.Name) and each.id in self.yielded for each in parts)
            details = [ast.Constant(len(parts)), ast.Constant(alike)]
            counted = ast.Call(ast.Name(_counted.__name__, ast.Load()), [node.value, *details], [])
            node.value = ast.copy_location(counted, node.value)
        return node


def _counted(value: object, wanted: int, alike: bool) -> object:
    """The value of a call, where Python can take it apart into that many results.

    alike: all of them are results, which may come in one array; where one is a cache, an array says that it is missing.
    """
    if isinstance(value, (tuple, list)) and len(value) != wanted:
        raise WrongCount(len(value))
    if isinstance(value, (str, dict)):
        raise WrongCount(1)
    if isinstance(value, (torch.Tensor, np.ndarray)) and not (alike and value.ndim and len(value) == wanted):
        raise WrongCount(1)
    return value


def run(
    lines: Lines,
    student: StudentNames,
    question: CallRequest,
    tripwires: CallWatcher,
    send: Send,
    describe: Describe = described,
) -> Done | TooMuch:
    """Run a use on fresh copies of the inputs; `send` gets the results of each `yield` the moment it is reached.

    What the student's code raises ends the use and comes back in Done. Results beyond the question's `cap_bytes` are
    not copied.
    """
    inputs, cap_bytes = question.inputs, question.cap_bytes
    arguments = decoded(inputs)
    settle(question.seed)
    evidence: dict[Evidence, None] = {}
    left = cap_bytes
    try:
        steps = lines.function(student, *arguments)
        for _ in range(question.parts):
            values = _watched(tripwires, evidence, lambda: next(steps, None))
            if values is None:
                break
            results: dict[str, Result] = {}
            for name, value in values.items():
                results[name] = _result(value, left, lambda step: _watched(tripwires, evidence, step), describe)
                if value is None and name in lines.calls:
                    line, called = lines.calls[name]
                    look = partial(_loses_result, called, inspect.getgeneratorlocals(steps))
                    if _watched(tripwires, evidence, look):
                        results[name] = Misfit("none", line)
                left -= len(results[name].data) if isinstance(results[name], Array) else 0  # type: ignore[union-attr]
            send(results, tuple(evidence))
    except tensors.OutputLimit as limit:
        return TooMuch("output_limit", cap_bytes - left + limit.size_bytes)
    except BaseException as error:
        if is_out_of_memory(error):
            return TooMuch("out_of_memory")
        return Done(_why(error, describe), is_modified(arguments, inputs), tuple(evidence))
    return Done(None, is_modified(arguments, inputs), tuple(evidence))


def _watched(tripwires: CallWatcher, evidence: dict[Evidence, None], step: Callable[[], Any]) -> Any:
    """What one step of the student's code gives, with what was seen while it ran."""
    try:
        with tripwires:
            return step()
    finally:
        evidence.update(dict.fromkeys(tripwires.evidence))


def _result(value: object, left: int, watched: Callable[[Any], object], describe: Describe) -> Result:
    """One yielded value; a lambda of the use is called here, and what it raises costs this result alone."""
    if getattr(getattr(value, "__code__", None), "co_filename", "") == FILE:
        assert callable(value)
        try:
            value = watched(value)
        except BaseException as error:
            if is_out_of_memory(error):
                raise
            return _why(error, describe)
    try:
        return tensors.item(value, left)
    except (tensors.OutputLimit, MemoryError):
        raise
    except BaseException:  # an object that fights being looked at costs this result alone
        return Foreign("other", "an object that cannot be read")


def _loses_result(called: CodeType, variables: Mapping[str, object]) -> bool:
    """Whether what was called computes something and returns nothing of it."""
    try:
        return how_none(eval(called, {}, dict(variables))) == NO_RETURN  # noqa: S307 - compiled from the exercise's own lines
    except BaseException:  # an attribute of the student's that does not like to be looked up
        return False


def _why(error: BaseException, describe: Describe) -> Raised | Misfit:
    """The student's own exception, or how the student's code does not fit the line of the use."""
    raised = describe(error)
    frames = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == FILE]
    outer, line = (frames[0].lineno or 0, frames[-1].lineno or 0) if frames else (0, 0)
    if raised.frames or not line:  # the student's own: a class of the use may have been called by it
        return replace(raised, line=outer)
    message = raised.message
    if isinstance(error, Undefined):
        return Misfit("missing", line, error.name)
    if isinstance(error, WrongCount):
        return Misfit("count", line, got=error.got)
    if isinstance(error, AttributeError):
        return Misfit("attribute", line, str(error.name or ""), got_none=error.obj is None)
    if isinstance(error, KeyError) and error.args and type(error.args[0]) is str:
        return Misfit("key", line, error.args[0])
    if isinstance(error, NotImplementedError):
        return replace(raised, line=line)
    if isinstance(error, (TypeError, ValueError)):
        if NO_NONE.search(message):
            return Misfit("none", line)
        if few := TOO_FEW.search(message):
            return Misfit("count", line, got=int(few[1]))
        if NOT_ITERABLE.search(message):
            return Misfit("count", line, got=1)
        if TOO_MANY.search(message):
            return Misfit("count", line)
        if NOT_CALLABLE.search(message):
            return Misfit("call", line)
        if ARGUMENTS.search(message):
            return Misfit("arguments", line)
    return Misfit("other", line, raised.type_name)
