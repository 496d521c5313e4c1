"""Runs the lines in which an exercise uses the student's code; each `yield` is sent at once, whatever comes after."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from grader.wire import tensors
from grader.wire.outcome import Array, Evidence, Foreign, Misfit, Raised, Result
from grader.wire.protocol import Call, Done, Target, TooMuch
from grader.worker.call import Describe, Tripwires, decoded, described, is_modified, is_out_of_memory, settle
from grader.worker.student import Student, Undefined

FILE = "<use>"
"""The file name of the lines of a use in a traceback."""

NO_NONE = re.compile(r"cannot unpack non-iterable NoneType|'NoneType' object is not (iterable|subscriptable)")
NOT_ITERABLE = re.compile(r"cannot unpack non-iterable|object is not iterable")
TOO_FEW = re.compile(r"not enough values to unpack \(expected (?:at least )?\d+, got (\d+)\)")
TOO_MANY = re.compile(r"too many values to unpack")
NOT_CALLABLE = re.compile(r"object is not callable")
ARGUMENTS = re.compile(r"positional argument|keyword argument|takes no arguments|multiple values for")

Generator = Callable[..., Iterator[dict[str, object]]]
Send = Callable[[Mapping[str, Result], tuple[Evidence, ...]], None]
"""Takes the results of a yield, and what the tripwires saw from the beginning to there."""


def compiled(target: Target) -> Generator:
    """The generator function that the text of a use defines."""
    module: dict[str, Any] = {"np": np, "torch": torch}
    exec(compile(target.use, FILE, "exec"), module)  # noqa: S102 - the exercise's own lines, from the trusted side
    function: Generator = module[re.findall(r"def\s+(\w+)", target.use)[0]]
    return function


def run(
    use: Generator,
    student: Student,
    question: Call,
    tripwires: Tripwires,
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
        steps = use(student, *arguments)
        for _ in range(question.parts):
            values = _watched(tripwires, evidence, lambda: next(steps, None))
            if values is None:
                break
            results: dict[str, Result] = {}
            for name, value in values.items():
                results[name] = _result(value, left, lambda step: _watched(tripwires, evidence, step), describe)
                left -= len(results[name].data) if isinstance(results[name], Array) else 0  # type: ignore[union-attr]
            send(results, tuple(evidence))
    except tensors.OutputLimit as limit:
        return TooMuch("output_limit", cap_bytes - left + limit.size_bytes)
    except BaseException as error:
        if is_out_of_memory(error):
            return TooMuch("out_of_memory")
        return Done(_why(error, describe), is_modified(arguments, inputs), tuple(evidence))
    return Done(None, is_modified(arguments, inputs), tuple(evidence))


def _watched(tripwires: Tripwires, evidence: dict[Evidence, None], step: Callable[[], Any]) -> Any:
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
