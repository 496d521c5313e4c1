"""A crowded machine: who waits for a processor is not blamed for the time, who sleeps is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from grader.errors import SandboxError
from grader.exercise import Limits
from grader.sandbox import Sandbox
from grader.sandbox.worker import usage
from grader.wire.outcome import Outcome, Stopped
from grader.wire.protocol import Target

SOURCE = b"""
import time
def works():
    end = time.process_time() + 0.25
    while time.process_time() < end: pass
    return 1.0
def sleeps():
    time.sleep(600)
def loops():
    while True: pass
"""
HOG = "import os; os.sched_setaffinity(0, {%d}); print(flush=True)\nwhile True: pass"
NAMES = ("works", "sleeps", "loops")


@contextmanager
def crowded(pid: int, hogs: int) -> Iterator[None]:
    """So many others compete with a process for one processor; each is a session, which the kernel treats alike."""
    processor = max(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {processor})
    with ExitStack() as stack:
        for _ in range(hogs):
            command = [sys.executable, "-c", HOG % processor]
            hog = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))
            stack.callback(hog.kill)
            assert hog.stdout is not None
            hog.stdout.readline()
        yield


def call(sandbox: Sandbox, name: str, limits: Limits, hogs: int) -> Outcome:
    """One call on a crowded processor."""
    if usage(os.getpid()) is None:
        pytest.skip("this kernel does not count how long a process waits for a processor")
    with (
        sandbox.session([("hw.py", SOURCE)], [*map(Target.function, NAMES)], limits) as session,
        crowded(session.worker_pid, hogs),
    ):
        return session.call(name, [], 8, limits)


def test_waiting_for_a_processor_is_not_the_students(sandbox: Sandbox, number: Callable[[Outcome], float]) -> None:
    """A quarter of a second of work among four others takes longer than the wall limit, and is not stopped."""
    assert number(call(sandbox, "works", Limits(cpu_seconds=5, wall_seconds=0.6), hogs=4)) == 1.0


def test_sleeping_is_the_students(sandbox: Sandbox) -> None:
    """A crowded machine excuses nobody who sleeps."""
    outcome = call(sandbox, "sleeps", Limits(wall_seconds=0.6), hogs=2)
    assert outcome == Stopped(
        "timed_out", "Your function took longer than 0.6 s: does it wait for something, such as input() or sleep()?"
    )


def test_hardly_any_processor_time_is_an_internal_error(sandbox: Sandbox) -> None:
    """A call that the machine keeps waiting for long is ended without a verdict, and the sentence names the remedy."""
    with pytest.raises(SandboxError) as raised:
        call(sandbox, "loops", Limits(wall_seconds=0.2), hogs=9)
    assert str(raised.value) == (
        "a call was ready to run and got hardly any processor time, 0.2 s and much longer: is the machine overloaded? "
        "Grade fewer at a time (--jobs) and run the command again"
    )
