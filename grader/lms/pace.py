"""Time accounting: processor time and sleep count against the exercise, waiting for a processor does not.

A call is charged with the processor time of the worker, at the rate that the platform promises, and with the time that
the worker sleeps. The time that the worker was ready to run and had no processor, which the kernel counts
(`/proc/<pid>/schedstat`), is not charged. An exercise that has used up its allowance is skipped from there on, which
costs that exercise alone; when the deadline of the whole run passes, what is left is not run and costs nothing.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from grader.exercise import Limits
from grader.lms import wording
from grader.sandbox import Sandbox, WorkerSession
from grader.sandbox.worker import ProcessorUse, usage
from grader.wire.outcome import Loaded, Outcome, Stopped
from grader.wire.protocol import Input, Target

T = TypeVar("T")


class TimeIsUp(BaseException):
    """Our internal deadline has passed; a BaseException, so that no `except Exception` on the way catches it."""


class Paced:
    """A session in which the calls of one exercise end with its allowance.

    cores: how much of a processor the platform promises. Call `next_exercise` between two.
    """

    def __init__(self, session: WorkerSession, allowance_seconds: float, cores: float) -> None:
        self._session = session
        self._allowance = allowance_seconds
        self._cores = cores
        self._spent = 0.0

    @property
    def loaded(self) -> Loaded:
        """What loading the submission gave."""
        return self._session.loaded

    def next_exercise(self) -> None:
        """Begin with a fresh allowance."""
        self._spent = 0.0

    def forget(self, *, everything: bool = False) -> None:
        """Let the next call run where no inputs have been seen, and, if so, all of the files has run."""
        self._session.forget(everything=everything)

    def call(self, target: str, inputs: Sequence[Input], expected_bytes: int, limits: Limits, seed: int = 0) -> Outcome:
        """One call, or, where the allowance is used up, `skipped` with a sentence."""
        if self._spent >= self._allowance:
            return Stopped("skipped", wording.allowance_used_up(self._allowance))
        return self._charged(limits, lambda: self._session.call(target, inputs, expected_bytes, limits, seed))

    def prints(self, target: str, inputs: Sequence[Input], limits: Limits, seed: int = 0) -> str:
        """What one call prints, or, where the allowance is used up, nothing."""
        if self._spent >= self._allowance:
            return ""
        return self._charged(limits, lambda: self._session.prints(target, inputs, limits, seed))

    def _charged(self, limits: Limits, act: Callable[[], T]) -> T:
        before, started = usage(self._session.worker_pid), time.monotonic()
        result = act()
        seconds, after = time.monotonic() - started, usage(self._session.worker_pid)
        self._spent += charge(seconds, before, after, limits, self._cores)
        return result


def charge(
    seconds: float, before: ProcessorUse | None, after: ProcessorUse | None, limits: Limits, cores: float
) -> float:
    """What a call that took so many seconds costs; a worker that died in it is charged with its limit at most."""
    if before is not None and after is not None and before.pid == after.pid:
        running, waiting = after.running - before.running, after.waiting - before.waiting
        return running / cores + max(0.0, seconds - running - waiting)
    return seconds if seconds >= limits.wall_seconds else min(seconds, limits.cpu_seconds / cores)


class PacedSandbox:
    """A sandbox whose session charges each exercise with what it uses; call `next_exercise` after each."""

    def __init__(self, sandbox: Sandbox, allowance_seconds: float, cores: float) -> None:
        self._sandbox = sandbox
        self._allowance = allowance_seconds
        self._cores = cores
        self._session: Paced | None = None

    @contextmanager
    def session(self, files: Sequence[tuple[str, bytes]], targets: Sequence[Target], limits: Limits) -> Iterator[Paced]:
        """One loaded submission."""
        with self._sandbox.session(files, targets, limits) as session:
            self._session = Paced(session, self._allowance, self._cores)
            yield self._session

    def next_exercise(self) -> None:
        """Begin with a fresh allowance."""
        if self._session:
            self._session.next_exercise()


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Raise TimeIsUp inside when the deadline (of `time.monotonic`) passes, whatever is being done."""

    def passed(number: int, frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, passed)
    signal.setitimer(signal.ITIMER_REAL, max(0.001, deadline - time.monotonic()))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
