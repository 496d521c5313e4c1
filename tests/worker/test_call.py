"""One call: what it returns, raises, or breaks, as an outcome."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.wire import tensors
from grader.wire.outcome import NO_RETURN, NONE_VALUE, NOTHING_DONE, Array, Evidence, Foreign, Raised, Returned
from grader.wire.protocol import CallResult, TooMuch
from grader.worker.call import call, how_none

CAP = 2**20


class Unwatched(contextlib.nullcontext[None]):
    """A call that nothing watches."""

    evidence: tuple[Evidence, ...] = ()


def run(function: Any, *inputs: Any) -> CallResult:
    """The answer to one call."""
    return call(function, tuple(tensors.encode(value) for value in inputs), CAP, Unwatched())


def test_state_is_settled_before_the_call() -> None:
    """Dtype, gradient mode, threads and seeds are the same whatever ran before."""

    def state() -> Any:
        return (
            torch.get_default_dtype() is torch.float32 and torch.is_grad_enabled() and torch.get_num_threads() == 1,
            torch.rand(()).item(),
            float(np.random.rand()),
        )

    before = run(state)
    torch.set_default_dtype(torch.float64)
    with torch.no_grad():
        assert run(state) == before
    assert isinstance(before, Returned)
    assert before.items[0] == Array("bool", (), b"\x01", "number")


def test_results_are_taken_at_the_return() -> None:
    """A tensor that the function keeps and changes later does not change what was returned."""
    kept = torch.zeros(2)
    answer = run(lambda: kept)
    kept.fill_(7)
    assert answer == Returned((Array("float32", (2,), bytes(8)),), bare=True)


def test_memory_and_output() -> None:
    """A failed allocation and a flood have answers of their own."""
    assert run(lambda: torch.zeros(10**15)) == TooMuch("out_of_memory")
    assert run(lambda: [0] * 10**17) == TooMuch("out_of_memory")
    assert run(lambda: torch.zeros(1).expand(10**9)) == TooMuch("output_limit", 4 * 10**9)


def test_objects_that_fight_back() -> None:
    """A result that raises when it is looked at is an object that cannot be read."""

    class Fighter:
        @property
        def __class__(self) -> Any:
            raise SystemExit

    assert run(Fighter) == Returned((Foreign("other", "an object that cannot be read"),), bare=True)


def test_exceptions_that_fight_back() -> None:
    """An exception that raises when it is described is still an exception."""

    class Hostile(Exception):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    def fail() -> None:
        raise Hostile

    assert isinstance(run(fail), Raised)


def test_inputs_that_were_turned_into_something_else() -> None:
    """An input that no longer compares counts as modified."""

    def turn(x: Any) -> float:
        x.data = torch.zeros(3, dtype=torch.complex64)
        return 1.0

    answer = run(turn, torch.ones(2))
    assert isinstance(answer, Returned)
    assert answer.inputs_modified


class Wire:
    """A tripwire that sees every call."""

    evidence: tuple[Evidence, ...] = ()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.evidence = (Evidence("autograd", True, "backward()"),)


def test_tripwires_add_their_evidence() -> None:
    """What a tripwire saw goes with the result and with an exception alike."""
    seen = (Evidence("autograd", True, "backward()"),)
    returned = call(lambda: 1.0, (), CAP, Wire())
    raised = call(lambda: 1 / 0, (), CAP, Wire())
    assert isinstance(returned, Returned)
    assert isinstance(raised, Raised)
    assert returned.evidence == raised.evidence == seen


def nothing(x: torch.Tensor) -> None:
    result = None
    return result


def lost(x: torch.Tensor) -> None:
    x @ x  # computed and not returned


def valueless(x: torch.Tensor) -> object:
    return x.clone().grad


@pytest.mark.parametrize(
    ("function", "why"),
    [(nothing, NOTHING_DONE), (lost, NO_RETURN), (valueless, NONE_VALUE), (lambda x: None, NOTHING_DONE)],
)
def test_why_a_function_returned_none(function: Callable[..., object], why: str) -> None:
    """A stub, a missing `return`, and a value that is None are told apart."""
    assert how_none(function) == why
