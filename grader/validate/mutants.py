"""An implementation under test: a right or wrong version of an exercise's entry point, run in this process.

References, chains and mutants are the author's own code, so nothing walls them off.
"""

from __future__ import annotations

import contextlib
import copy
import dis
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from grader.cases.oracle import evaluate
from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.grading.compare import to_tensor
from grader.misconception import Chain, Misconception
from grader.wire import tensors
from grader.wire.outcome import Array, Outcome, Raised, Returned
from grader.wire.protocol import MAX_ITEMS, Input, cap_bytes
from grader.worker.loader.stopping import TookTooLong, stopped_after

CALL_SECONDS = 5.0
"""Processor time of one call, or of one file; what takes longer is taken for endless."""
SMALLEST = 0.01
"""How large a result is at least taken to be where the numbers of two formulas are compared."""

Kind = Literal["misconception", "calculus", "generic", "syntax"]
Call = Callable[[Mapping[str, Any]], Any]
"""From inputs by name to what the entry point returns."""


@dataclass(frozen=True)
class Mutant:
    """One implementation, meant to be wrong.

    name: unique within the exercise; source: what is different, for the author's eyes;
    advice: a misconception that costs nothing, so it has to pass. idle: why the author says that it changes nothing.
    """

    name: str
    kind: Kind
    call: Call
    source: str = ""
    advice: bool = False
    idle: str = ""


def encoded(inputs: Mapping[str, Tensor | float | int]) -> dict[str, Input]:
    """Inputs as the worker gets them, from which each call makes fresh copies."""
    return {name: tensors.encode(value) for name, value in inputs.items()}


@contextlib.contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Raise TimeoutError where the block takes longer; without effect on Windows, as `stopped_after`."""
    with contextlib.suppress(TookTooLong), stopped_after(seconds) as timer:
        yield
    if timer.is_over:
        raise TimeoutError(f"not finished after {seconds:g} s of processor time")


def run(call: Call, inputs: Mapping[str, Input]) -> Outcome:
    """What a grading session would have seen."""
    try:
        with ended_after(CALL_SECONDS):
            result = call({name: tensors.decode(value) for name, value in inputs.items()})
            items, bare = tensors.items(result, cap_bytes(2**20), MAX_ITEMS)
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    return Returned(items, bare)


def by_student(exercise: Exercise, module: Mapping[str, Any]) -> Call:
    """What a student's module defines, called or used as the grader does; results of a use come back as tensors.

    What a use draws at random is the same in every call, so that two implementations can be compared.
    module: its names, or for an exercise about notebook variables, `statements` too.
    """
    if exercise.use is None:
        function = module.get(exercise.entry_point)
        if not callable(function):
            raise ExerciseError(f"there is no `{exercise.entry_point}`; write the reference under that name")
        return lambda inputs: function(*_received(exercise, inputs))

    @np.errstate(all="ignore")
    def call(inputs: Mapping[str, Any]) -> Any:
        assert exercise.use is not None
        student = SimpleNamespace(**{name: module[name] for name in exercise.names if name in module})
        student.run = partial(_computed, module.get("statements", ()))
        np.random.seed(0)
        torch.default_generator.manual_seed(0)  # not torch.manual_seed, which looks for devices each time
        results: dict[str, Any] = {}
        for yielded in exercise.use(student, *_received(exercise, inputs)):
            for name, value in yielded.items():  # copied at once: what is yielded may change later
                results[name] = _as_tensor(value() if _is_lambda(value) else value)
        found = [results.get(output) for output in exercise.asks]
        return tuple(found) if len(found) > 1 else found[0]

    return call


def _received(exercise: Exercise, inputs: Mapping[str, Any]) -> list[Any]:
    """The inputs in the form in which students receive them."""
    if exercise.framework == "torch":
        return [inputs[name] for name in exercise.received]
    return [tensors.decode(tensors.encode(inputs[name], exercise.framework)) for name in exercise.received]


def _is_lambda(value: Any) -> bool:
    return getattr(value, "__name__", "") == "<lambda>"


def _as_tensor(value: Any) -> Any:
    item = tensors.item(value, cap_bytes(2**20))
    return to_tensor(item) if isinstance(item, Array) else value


def _computed(statements: Sequence[types.CodeType], *wanted: str, **given: Any) -> Any:
    """The variables that statements of a notebook compute from given ones; what raises is passed over."""
    needed = _needed(tuple(statements), wanted, frozenset(given) - frozenset(wanted))
    read = frozenset[str]().union(*map(_names, needed)).difference(wanted)
    given = {name: value for name, value in given.items() if name in read}
    module: dict[str, Any] = copy.deepcopy(given)
    for statement in needed:
        with contextlib.suppress(Exception):
            exec(statement, module)  # noqa: S102  the author's own file, or one change of it
        module.update(copy.deepcopy({name: given[name] for name in _names(statement) & set(given)}))
    return module[wanted[0]] if len(wanted) == 1 else tuple(module[name] for name in wanted)


@cache
def _needed(
    statements: tuple[types.CodeType, ...], wanted: tuple[str, ...], given: frozenset[str]
) -> tuple[types.CodeType, ...]:
    """Imports, and the statements that name what is wanted or what goes into it; the worker runs no more either."""
    imports = {each for each in statements if any(step.opname == "IMPORT_NAME" for step in dis.get_instructions(each))}
    known = given.union(*map(_names, imports))
    behind, kept = set(wanted), []
    for statement in reversed(statements):
        if statement in imports or _names(statement) & behind:
            kept.append(statement)
            behind |= _names(statement) - known
    return tuple(reversed(kept))


@cache
def _names(code: types.CodeType) -> frozenset[str]:
    """The global names that code may read, change or assign."""
    inner = (_names(each) for each in code.co_consts if isinstance(each, types.CodeType))
    return frozenset(code.co_names).union(*inner)


def by_chain(exercise: Exercise, chain: Chain, *wrong: Misconception) -> Call:
    """The chain of derivatives with some links replaced, as an entry point; a copy, so that no input is returned."""

    def call(inputs: Mapping[str, Any]) -> Any:
        found = chain.evaluate(tuple(exercise.asks), inputs, *wrong)
        results = tuple(value.clone() if isinstance(value, Tensor) else value for value in found)
        return results if len(results) > 1 else results[0]

    return call


def conventions(exercise: Exercise) -> Iterator[Mutant]:
    """The exercise as other courses have it, one convention at a time."""

    def by_oracle(other: Exercise) -> Call:
        def call(inputs: Mapping[str, Any]) -> Any:
            results = tuple(evaluate(other, inputs).values())
            return results if len(results) > 1 else results[0]

        return call

    for each in exercise.conventions:
        source = "replaces " + ", ".join(each.replaces)
        yield Mutant(each.slug, "misconception", by_oracle(exercise.under(each)), source)


def misconceptions(exercise: Exercise, chain: Chain) -> Iterator[Mutant]:
    """The author's own list of mistakes, one at a time."""
    for each in chain.misconceptions:
        source = "replaces " + ", ".join(each.replaces)
        yield Mutant(each.slug, "misconception", by_chain(exercise, chain, each), source, each.advice)


def as_tuple(result: Any) -> tuple[Any, ...]:
    """The outputs of an entry point, also when there is only one."""
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two results are the same numbers in the same shapes.

    tolerance: as a fraction of the largest entry, or of SMALLEST where all are smaller: what is 0 only by cancellation
    is a rounding error in another formula.
    """
    ones, others = as_tuple(one), as_tuple(other)
    return len(ones) == len(others) and all(_same_tensor(a, b, tolerance) for a, b in zip(ones, others, strict=True))


def _same_tensor(one: Any, other: Any, tolerance: float) -> bool:
    if not (isinstance(one, Tensor) and isinstance(other, Tensor)):
        return False
    if one.shape != other.shape or (one.dtype == torch.bool) != (other.dtype == torch.bool):
        return False
    if one.dtype == torch.bool:
        return torch.equal(one, other)
    size = float(other.abs().max()) if other.numel() else 0.0
    return bool(((one.double() - other.double()).abs() <= tolerance * max(size, SMALLEST)).all())
