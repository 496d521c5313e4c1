"""When our own processes die: calls are repeated, nothing is left behind, and our fault is never the student's."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.errors import SandboxError
from grader.exercise import Limits
from grader.sandbox import Sandbox, Spawner
from grader.wire.outcome import Outcome
from grader.wire.protocol import Target

Run = Callable[..., list[Outcome]]
Number = Callable[[Outcome], float]
Forked = Callable[[Callable[[], Any]], Any]
TARGETS = [Target.function("f")]
SLOW = b"import time\ndef f():\n    time.sleep(0.5)\n    return 1.0\n"
DAEMON = """
import os, time
def f():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
    return 1.0
"""
NO_WALL_AGAINST_FORKS = frozenset({"seccomp", "rlimits"})


def workers_of(sandbox: Sandbox) -> list[psutil.Process]:
    """All processes that descend from the sandbox's zygote."""
    return psutil.Process(sandbox.zygote_pid).children(recursive=True)


def in_a_moment(action: Callable[[], object]) -> threading.Timer:
    """Do something while a call is running."""
    timer = threading.Timer(0.15, action)
    timer.start()
    return timer


def test_a_killed_zygote_costs_nothing(spawner: Spawner, number: Number) -> None:
    """kill -9 of the zygote during a call: the call is repeated with another zygote."""
    with (
        Sandbox(spawner, slot=3) as sandbox,
        sandbox.session([("hw.py", SLOW)], TARGETS, Limits()) as session,
    ):
        first = sandbox.zygote_pid
        in_a_moment(lambda: os.kill(first, signal.SIGKILL)).join(0)
        assert number(session.call("f", [], 8, Limits())) == 1.0
        assert sandbox.zygote_pid != first
        assert number(session.call("f", [], 8, Limits())) == 1.0


def test_a_killed_worker_costs_nothing(spawner: Spawner, number: Number) -> None:
    """kill -9 of the worker from outside, as the kernel does when memory runs out: the call is repeated."""
    with (
        Sandbox(spawner, slot=3) as sandbox,
        sandbox.session([("hw.py", SLOW)], TARGETS, Limits()) as session,
    ):
        in_a_moment(lambda: workers_of(sandbox)[0].kill())
        assert number(session.call("f", [], 8, Limits(max_restarts=0))) == 1.0


def test_a_worker_killed_twice_is_an_internal_error(spawner: Spawner) -> None:
    """If it happens again the call ends in a SandboxError with a remedy, and never in a verdict."""
    with (
        Sandbox(spawner, slot=3) as sandbox,
        sandbox.session([("hw.py", SLOW)], TARGETS, Limits()) as session,
    ):
        stop = threading.Event()

        def kill_all() -> None:
            while not stop.wait(0.05):
                for process in workers_of(sandbox):
                    process.kill()

        killer = threading.Thread(target=kill_all)
        killer.start()
        with pytest.raises(SandboxError) as raised:
            session.call("f", [], 8, Limits())
        stop.set()
        killer.join()
    assert "is the machine short of memory? Grade fewer at a time (--jobs)" in str(raised.value)


def test_a_killed_spawner_is_an_internal_error(forked: Forked) -> None:
    """Without the spawner there is a SandboxError that says what to do."""

    def grade() -> str:
        spawner = Spawner.start()
        os.kill(spawner.pid, signal.SIGKILL)
        os.waitpid(spawner.pid, 0)
        try:
            with Sandbox(spawner).session([("hw.py", SLOW)], TARGETS, Limits()):
                return "no error"
        except SandboxError as error:
            return str(error)

    assert forked(grade) == "the sandbox's spawner has ended unexpectedly; run the command again"


def test_nothing_is_left_of_a_session(forked: Forked, run: Run) -> None:
    """Many sessions, crashes among them, leave neither processes nor descriptors."""

    def descriptors(sandbox: Sandbox) -> list[int]:
        return [len(list(Path("/proc/self/fd").iterdir())), psutil.Process(sandbox.zygote_pid).num_fds()]

    def grade() -> list[list[int]]:  # in a child, where no thread of another test opens or closes anything
        with Spawner.start() as spawner, Sandbox(spawner, slot=4) as sandbox:
            run(sandbox, "def f():\n    return 1.0\n", "f")
            before = descriptors(sandbox)
            for _ in range(5):
                run(sandbox, "import os\ndef f():\n    return 1.0\ndef g():\n    os._exit(1)\n", "f", "g", "f")
            return [before, descriptors(sandbox), [process.pid for process in workers_of(sandbox)]]

    before, after, workers = forked(grade)
    assert after == before
    assert workers == []


def test_daemons_are_swept(spawner: Spawner) -> None:
    """Grandchildren that left their session and lost their parent die with the worker."""
    with Sandbox(spawner, slot=5, without=NO_WALL_AGAINST_FORKS, insist=True) as sandbox:
        with sandbox.session([("hw.py", DAEMON.encode())], TARGETS, Limits()) as session:
            session.call("f", [], 8, Limits())
            assert len(workers_of(sandbox)) > 3
        assert workers_of(sandbox) == []


def test_daemons_of_a_killed_zygote_are_swept(spawner: Spawner, number: Number) -> None:
    """Even when the zygote, whose children they would become, is killed first."""
    files = [("hw.py", DAEMON.encode())]
    with (
        Sandbox(spawner, slot=5, without=NO_WALL_AGAINST_FORKS, insist=True) as sandbox,
        sandbox.session(files, TARGETS, Limits()) as session,
    ):
        session.call("f", [], 8, Limits())
        daemons = workers_of(sandbox)
        os.kill(sandbox.zygote_pid, signal.SIGKILL)
        assert number(session.call("f", [], 8, Limits())) == 1.0
        _, alive = psutil.wait_procs(daemons, timeout=10)
        assert alive == []


@pytest.mark.parametrize("how", ["killed", "closed"])
def test_everything_ends_with_the_grader(how: str, forked: Forked) -> None:
    """When the grader is killed or closes its spawner, zygotes, workers and their daemons are gone as well."""

    def grade() -> list[int]:
        spawner = Spawner.start()
        pids = [spawner.pid]
        for slot, without in enumerate((frozenset[str](), NO_WALL_AGAINST_FORKS)):
            sandbox = Sandbox(spawner, slot=slot, without=without, insist=True)
            source = DAEMON if without else "def f():\n    return 1.0\n"
            session = sandbox.session([("hw.py", source.encode())], TARGETS, Limits()).__enter__()
            session.call("f", [], 8, Limits())
            pids += [sandbox.zygote_pid, *(process.pid for process in workers_of(sandbox))]
        if how == "closed":
            spawner.close()
        return pids  # a forked process ends without any clean-up

    pids = forked(grade)
    assert len(pids) > 6
    wait_until_gone(pids)


def wait_until_gone(pids: list[int]) -> None:
    """Fails if some of the processes still run after ten seconds."""
    deadline = time.monotonic() + 10
    while alive := [pid for pid in pids if psutil.pid_exists(pid)]:
        assert time.monotonic() < deadline, f"still running: {alive}"
        time.sleep(0.02)


SEARCH = """
import ctypes, os
def count(needle):
    found = 0
    for line in open("/proc/self/maps"):
        where, modes, *_ = line.split()
        start, end = (int(edge, 16) for edge in where.split("-"))
        if "r" in modes and "[v" not in line:
            found += ctypes.string_at(start, end - start).count(needle)
    return found
def early():
    return float(count(bytes(EARLY)))
def late():
    return float(count(bytes(LATE)))
"""


def test_what_is_read_after_the_start_is_not_in_a_worker(forked: Forked, run: Run, number: Number) -> None:
    """A worker that searches all of its memory finds what the grader knew before the start, nothing later."""

    def search() -> list[float]:
        early = os.urandom(20)
        with Spawner.start() as spawner:
            late = os.urandom(20)
            source = SEARCH + f"EARLY = {[*early]}\nLATE = {[*late]}\n"
            layers = frozenset({"landlock", "uid_pool", "undumpable"})
            with Sandbox(spawner, without=layers, insist=True) as sandbox:
                limits = Limits(cpu_seconds=60, memory_bytes=4 * 2**30)
                return [number(outcome) for outcome in run(sandbox, source, "early", "late", limits=limits)]

    searched_for = 1.0  # the needle of the search itself
    early, late = forked(search)
    assert early > searched_for
    assert late == searched_for


def test_inherited_secrets_in_environment_and_arguments_are_wiped(forked: Forked) -> None:
    """The environment and the arguments that the grader was started with are overwritten in the spawner's memory."""

    def surroundings() -> list[str]:
        os.environ["PLATFORM_TOKEN"] = "token-of-the-platform"
        with Spawner.start() as spawner:
            folder = Path(f"/proc/{spawner.pid}")
            return [(folder / name).read_bytes().strip(b"\0").decode() for name in ("environ", "cmdline")]

    if os.geteuid() != 0:
        pytest.skip("needs root: a spawner's memory is closed to its own user")
    assert forked(surroundings) == ["", ""]
