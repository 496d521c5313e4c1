"""How the benchmarks measure: whole commands by their processor time, process trees by their proportional memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spent:
    """What a command took, with all of its children that it waited for."""

    wall_seconds: float
    cpu_seconds: float


def spent(command: list[str], status: int = 0) -> Spent:
    """Run a command to its end, its output thrown away; it must end with `status`."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, waited, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(waited)
    if process.returncode != status:
        raise SystemExit(f"{' '.join(command)}: ended with status {process.returncode} instead of {status}")
    return Spent(time.monotonic() - started, usage.ru_utime + usage.ru_stime)


def printed(command: list[str]) -> str:
    """What a command prints; it must end with status 0."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


@contextlib.contextmanager
def waiting(command: list[str]) -> Iterator[int]:
    """The process id of a command that has printed a line, is ready, and waits for one."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdout.readline():
            raise SystemExit(f"{' '.join(command)}: ended before it was ready")
        yield process.pid
        process.stdin.write("\n")
        process.stdin.flush()


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(descendant for child in children for descendant in tree(int(child)))]


def pss_bytes(pid: int) -> int:
    """The proportional set size of a process tree: a page that n processes share counts 1/n in each.

    Root only: the grader's processes cannot be read by others of its user.
    """
    total = 0
    for each in tree(pid):
        lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024


def python(*arguments: str) -> list[str]:
    """A command for this interpreter."""
    return [sys.executable, *arguments]
