"""One call of student code: a settled state before it, the results as plain bytes the moment it returns."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

import numpy as np
import torch

from grader.wire import tensors
from grader.wire.outcome import Evidence, Foreign, Item, Raised, Returned
from grader.wire.protocol import MAX_ITEMS, Answer, Input, TooMuch
from grader.worker import loader

SEED = 0


class Tripwires(Protocol):
    """Watches the graded call from `with` to `with`; `evidence` is what it saw, complete once the block is left."""

    evidence: tuple[Evidence, ...]

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool | None: ...


class NoTripwires(contextlib.AbstractContextManager[None]):
    """Watches nothing."""

    evidence: tuple[Evidence, ...] = ()

    def __exit__(self, *_: object) -> None:
        return None


def call(
    function: Callable[..., object], inputs: tuple[Input, ...], cap_bytes: int, tripwires: Tripwires | None = None
) -> Answer:
    """Run the function on fresh copies of the inputs; results beyond `cap_bytes` are not copied.

    Whatever the student's code raises, SystemExit included, comes back as Raised; only the death of the process or
    an endless loop does not come back at all.
    """
    arguments = [tensors.decode(value) for value in inputs]
    watch = tripwires or NoTripwires()
    settle()
    try:
        with watch:
            result = function(*arguments)
        items, bare = _items(result, cap_bytes)
        return Returned(items, bare, _modified(arguments, inputs), watch.evidence)
    except tensors.OutputLimit as limit:
        return TooMuch("output_limit", limit.size_bytes)
    except BaseException as error:
        return _raised(error, watch.evidence)


def settle() -> None:
    """Undo what earlier code may have set for the whole process: dtype, device, gradient mode, threads, seeds."""
    if torch.get_default_dtype() is not torch.float32:
        torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    torch.default_generator.manual_seed(SEED)
    np.random.seed(SEED)
    random.seed(SEED)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that an allocation failed; torch says it in a RuntimeError."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in ("can't allocate memory", "bad_alloc"))
    )


def _items(result: object, cap_bytes: int) -> tuple[tuple[Item, ...], bool]:
    try:
        return tensors.items(result, cap_bytes, MAX_ITEMS)
    except (tensors.OutputLimit, MemoryError):
        raise
    except BaseException:  # an object that fights being looked at
        return (Foreign("other", "an object that cannot be read"),), True


def _modified(arguments: list[torch.Tensor | float | int], inputs: tuple[Input, ...]) -> bool:
    try:
        return not all(tensors.is_unchanged(value, sent) for value, sent in zip(arguments, inputs, strict=True))
    except BaseException:  # turned into something that no longer compares
        return True


def _raised(error: BaseException, evidence: tuple[Evidence, ...]) -> Answer:
    with contextlib.suppress(BaseException):
        if is_out_of_memory(error):
            return TooMuch("out_of_memory")
        raised = loader.describe(error)
        return Raised(raised.type_name, raised.message, raised.frames, (*raised.evidence, *evidence))
    return Raised("Exception", "an exception that cannot be shown", (), evidence)
