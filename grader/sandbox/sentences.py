"""What a student reads when a call was stopped: what happened, the limit, and the usual reason."""

from __future__ import annotations

import os
import signal
from typing import Literal

from grader.exercise import Limits
from grader.wire.outcome import Stopped

What = Literal["Your function", "Loading your file"]
"""What was running."""


def out_of_cpu(what: What, limits: Limits) -> Stopped:
    """The deadline in processor time."""
    where = "" if what == "Your function" else " outside of the functions"
    return Stopped(
        "timed_out",
        f"{what} ran longer than {limits.cpu_seconds:g} s of processor time: is there a loop{where} that never ends?",
    )


def out_of_time(what: What, limits: Limits) -> Stopped:
    """The deadline by the clock, for what waits without working."""
    return Stopped(
        "timed_out",
        f"{what} took longer than {limits.wall_seconds:g} s: does it wait for something, such as input() or sleep()?",
    )


def starved(limits: Limits) -> str:
    """For who runs the machine: no student is to blame."""
    return (
        f"a call was ready to run and got hardly any processor time, {limits.wall_seconds:g} s and much longer: is the "
        "machine overloaded? Grade fewer at a time (--jobs) and run the command again"
    )


def out_of_memory(what: What, limits: Limits) -> Stopped:
    """The memory limit."""
    return Stopped(
        "out_of_memory",
        f"{what} used more than {size(limits.memory_bytes)} of memory: is there an array that is too large?",
    )


def too_much_output(cap_bytes: int, size_bytes: int = 0) -> Stopped:
    """The output limit."""
    returned = f"{size(size_bytes)} of results" if size_bytes > cap_bytes else "a result that is too large"
    return Stopped(
        "output_limit",
        f"Your function returned {returned}, where at most {size(cap_bytes)} are read: "
        "compare its shape with the one asked for.",
    )


def garbled(what: What) -> Stopped:
    """An answer that no accident produces."""
    return Stopped(
        "errored", f"{what} ended without a result that can be read: does it write to open files or sockets?"
    )


def ended(what: What, status: int) -> Stopped:
    """The process died by itself; `status` is its wait status."""
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        return Stopped(
            "errored",
            f"The Python process ended by itself (exit code {code}) before there was a result: "
            "remove exit(), quit() and os._exit().",
        )
    number = os.WTERMSIG(status)
    if number in (signal.SIGSEGV, signal.SIGBUS):
        return Stopped(
            "errored",
            f"{what} crashed with a segmentation fault: very deep recursion, or memory that is written from outside "
            "of Python, can do that.",
        )
    if number == signal.SIGXCPU:
        return Stopped("timed_out", f"{what} used up the processor time of the whole submission.")
    return Stopped("errored", f"{what} made the Python process crash ({_signal_name(number)}).")


def no_restarts_left(limits: Limits) -> Stopped:
    """After too many crashes nothing is run any more."""
    return Stopped(
        "skipped",
        f"Not run: the Python process was started again {limits.max_restarts} times already, because earlier calls "
        "crashed or were stopped.",
    )


def size(size_bytes: int) -> str:
    """A size for people, such as "512 MB"."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.3g} {unit}"
    return f"{size_bytes} bytes"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
