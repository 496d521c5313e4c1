"""A worker that died of signal 9 was killed from outside: nothing in it can send that signal or have it sent."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest
import seccompy

from grader.errors import SandboxError
from grader.exercise import Limits
from grader.sandbox import Sandbox, Spawner
from grader.wire.outcome import Outcome, Returned, Stopped
from grader.wire.protocol import Target
from grader.worker import confine, zygote

Run = Callable[..., list[Outcome]]
Forked = Callable[[Callable[[], Any]], Any]

HEADER = """
import ctypes, fcntl, os, resource, signal, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)

def page(*numbers):
    return ctypes.create_string_buffer(struct.pack(f"{len(numbers)}i", *numbers) + bytes(256))

def attempt():
"""
FOOTER = """
def tried():
    try:
        attempt()
    except (OSError, ValueError):
        pass
    return 1.0

DONE = tried()

def f():
    time.sleep(0.05)  # for a timer
    return DONE
"""
WAYS = {
    "kill": "os.kill(os.getpid(), 9)",
    "kill_the_group": "os.kill(0, 9)",
    "tkill": "libc.syscall({tkill}, os.getpid(), 9)",
    "tgkill": "libc.syscall({tgkill}, os.getpid(), os.getpid(), 9)",
    "pidfd_send_signal": "libc.syscall({pidfd_send_signal}, libc.syscall({pidfd_open}, os.getpid(), 0), 9, None, 0)",
    "rt_sigqueueinfo": "libc.syscall({rt_sigqueueinfo}, os.getpid(), 9, page(9, 0, -1, 0, os.getpid(), os.getuid()))",
    "timer": """
        made = ctypes.c_int()
        libc.syscall({timer_create}, 1, page(0, 0, 9, 0), ctypes.byref(made))
        libc.syscall({timer_settime}, made, 0, (ctypes.c_long * 4)(0, 0, 0, 1000), None)
    """,
    "watched_folder": """
        folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)
        fcntl.fcntl(folder, 10, 9)
        fcntl.fcntl(folder, fcntl.F_NOTIFY, 1)
        open(os.__file__, "rb").read(1)
    """,
    "watched_wire": """
        serve = sys.modules["grader.worker.serve"]
        receive = serve._receive
        serve._receive = lambda wire: (time.sleep(0.1), receive(wire))[1]
        for command, value in ((fcntl.F_SETOWN, os.getpid()), (10, 9), (fcntl.F_SETFL, os.O_RDWR | os.O_ASYNC)):
            fcntl.fcntl(3, command, value)
    """,
    "processor_time": "resource.setrlimit(resource.RLIMIT_CPU, (0, 0)); [None for _ in range(10**7)]",
}


NUMBERS = {
    name: str(seccompy.syscall_nr(name))
    for name in "tkill tgkill pidfd_open pidfd_send_signal rt_sigqueueinfo timer_create timer_settime".split()
}


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_cannot_end_itself_by_signal_9(way: str, spawner: Spawner, run: Run) -> None:
    """Each way kills the worker where seccomp and rlimits are missing, and with them nothing happens."""
    source = textwrap.dedent(WAYS[way])
    for name, number in NUMBERS.items():
        source = source.replace("{" + name + "}", number)
    source = HEADER + textwrap.indent(source, "    ") + FOOTER
    control = Sandbox(spawner, slot=9, without=frozenset({"seccomp", "rlimits"}), insist=True)
    with control, pytest.raises(SandboxError, match="signal 9"):
        run(control, source, "f")
    with Sandbox(spawner, slot=9, insist=True) as sandbox:
        (outcome,) = run(sandbox, source, "f")
    assert isinstance(outcome, Returned)


def test_the_kernel_s_signal_9_for_processor_time_is_told_apart(
    forked: Forked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that has used up the processor time of its process gets that verdict, and is no fault of the grader."""
    source = b"import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef f():\n    while True:\n        pass\n"

    def graded() -> list[str]:
        monkeypatch.setattr(confine, "CPU_SECONDS", 1)
        monkeypatch.setattr(zygote, "CPU_SECONDS", 1)
        limits = Limits(cpu_seconds=10)
        with (
            Spawner.start() as spawner,
            Sandbox(spawner, slot=9, insist=True) as sandbox,
            sandbox.session([("hw.py", source)], [Target.function("f")], limits) as session,
        ):
            outcome = session.call("f", [], 8, limits)
        assert isinstance(outcome, Stopped)
        return [outcome.verdict, outcome.detail]

    assert forked(graded) == ["timed_out", "Your function used up the processor time of the whole submission."]
