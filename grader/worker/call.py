"""One call of student code: a settled state before it, the results as plain bytes the moment it returns."""

from __future__ import annotations

import contextlib
import dis
import random
import types
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Protocol

import numpy as np
import torch

from grader.wire import tensors
from grader.wire.outcome import NO_RETURN, NONE_VALUE, NOTHING_DONE, Evidence, Foreign, Item, Raised, Returned
from grader.wire.protocol import MAX_ITEMS, CallResult, Input, TooMuch
from grader.worker import loader


class CallWatcher(Protocol):
    """Watches the graded call from `with` to `with`; `evidence` is what it saw, complete once the block is left."""

    evidence: tuple[Evidence, ...]

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None: ...


def described(error: BaseException) -> Raised:
    """An exception of the student's code as plain text, however hostile it is."""
    with contextlib.suppress(BaseException):
        return loader.describe(error)
    return Raised("Exception", "an exception that cannot be shown")


COMPUTING = ("CALL", "BINARY", "COMPARE", "UNARY", "LOAD_ATTR", "LOAD_METHOD", "GET_ITER")
"""How the instructions begin without which a function does not even begin to compute."""
Describe = Callable[[BaseException], Raised]
"""How an exception of the student's code becomes plain text."""


def call(
    function: Callable[..., object],
    inputs: tuple[Input, ...],
    cap_bytes: int,
    tripwires: CallWatcher,
    *,
    seed: int = 0,
    outputs: int = 0,
    describe: Describe = described,
) -> CallResult:
    """Run the function on fresh copies of the inputs; results beyond `cap_bytes` are not copied.

    outputs: how many results are asked for; where it is one, a list of numbers is one result and not many.

    Whatever the student's code raises, SystemExit included, comes back as Raised; only the death of the process or
    an endless loop does not come back at all.
    """
    arguments = decoded(inputs)
    settle(seed)
    try:
        with tripwires:
            result = function(*arguments)
        items, bare = _items(result, cap_bytes, outputs)
        if result is None:
            items = (Foreign("none", how_none(function)),)
        elif _reads_grad(function):
            items = tuple(Foreign("none", NONE_VALUE) if _is_none(item) else item for item in items)
        return Returned(items, bare, is_modified(arguments, inputs), tripwires.evidence)
    except tensors.OutputLimit as limit:
        return TooMuch("output_limit", limit.size_bytes)
    except BaseException as error:
        if is_out_of_memory(error):
            return TooMuch("out_of_memory")
        raised = describe(error)
        return replace(raised, evidence=(*raised.evidence, *tripwires.evidence))


def how_none(function: Callable[..., object]) -> str:
    """Why a function returned None, read from its bytecode."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, types.CodeType):
        return NONE_VALUE
    steps = [(step.opname, step.argval) for step in dis.get_instructions(code)]
    if not any(name.startswith(COMPUTING) for name, _ in steps):
        return NOTHING_DONE
    ends = [before for before, (name, _) in zip([("", None), *steps], steps, strict=False) if name == "RETURN_VALUE"]
    nothing = all(name == "LOAD_CONST" and value is None for name, value in ends)
    constants = all(value is None for name, value in steps if name == "RETURN_CONST")
    return NO_RETURN if nothing and constants else NONE_VALUE


def _reads_grad(function: Callable[..., object]) -> bool:
    """Whether a function looks up a `.grad`, so that a None among its results need not be a placeholder."""
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and "grad" in code.co_names


def _is_none(item: Item) -> bool:
    return isinstance(item, Foreign) and item.kind == "none"


def decoded(inputs: tuple[Input, ...]) -> list[tensors.Argument]:
    """Fresh arguments in memory of their own."""
    return [tensors.decode(value) for value in inputs]


def settle(seed: int = 0) -> None:
    """Undo what earlier code may have set for the whole process: dtype, device, gradient mode, threads, seeds."""
    if torch.get_default_dtype() is not torch.float32:
        torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that an allocation failed; torch says it in a RuntimeError."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in ("can't allocate memory", "bad_alloc"))
    )


def _items(result: object, cap_bytes: int, outputs: int) -> tuple[tuple[Item, ...], bool]:
    try:
        return tensors.items(result, cap_bytes, MAX_ITEMS, outputs)
    except (tensors.OutputLimit, MemoryError):
        raise
    except BaseException:  # an object that fights being looked at
        return (Foreign("other", "an object that cannot be read"),), True


def is_modified(arguments: list[tensors.Argument], inputs: tuple[Input, ...]) -> bool:
    """Whether some argument no longer holds what was sent."""
    try:
        return not all(tensors.is_unchanged(value, sent) for value, sent in zip(arguments, inputs, strict=True))
    except BaseException:  # turned into something that no longer compares
        return True
