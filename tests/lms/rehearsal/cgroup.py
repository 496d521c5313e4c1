"""A control group for what a platform allows, in either version of the kernel's interface, and a sampler of memory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PERIOD_MICROSECONDS = 100_000
TOP = Path("/sys/fs/cgroup")


@dataclass
class Group:
    """One run's group; `folders` are its places in the hierarchies, `kind` how the processor is limited."""

    folders: tuple[Path, ...]
    kind: str

    def enter(self) -> None:
        """Move this process in (between fork and exec)."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def pids(self) -> list[int]:
        """Its processes."""
        with contextlib.suppress(OSError):
            return [int(line) for line in (self.folders[0] / "cgroup.procs").read_text().split()]
        return []

    def peak_bytes(self) -> int:
        """The most memory that was charged to it, page cache included; 0 where the kernel does not tell."""
        for folder in self.folders:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with contextlib.suppress(OSError):
                    return int((folder / name).read_text())
        return 0


@contextmanager
def group(cores: float, memory_bytes: int) -> Iterator[Group]:
    """A fresh group with limits; raises OSError where the machine refuses."""
    name = f"grader-rehearsal-{os.getpid()}"
    quota = int(cores * PERIOD_MICROSECONDS)
    if (TOP / "cgroup.controllers").is_file():
        folders, kind = (TOP / name,), "cgroup v2"
        settings = {"cpu.max": f"{quota} {PERIOD_MICROSECONDS}", "memory.max": str(memory_bytes)}
    else:
        folders, kind = (TOP / "cpu" / name, TOP / "memory" / name), "cgroup v1"
        settings = {
            "cpu.cfs_period_us": str(PERIOD_MICROSECONDS),
            "cpu.cfs_quota_us": str(quota),
            "memory.limit_in_bytes": str(memory_bytes),
        }
    try:
        for folder in folders:
            folder.mkdir()
        for setting, value in settings.items():
            place = next((folder for folder in folders if (folder / setting).exists()), None)
            if place is None:
                raise OSError(f"this kernel has no {setting}")
            (place / setting).write_text(value)
        yield Group(folders, kind)
    finally:
        for folder in folders:
            for _ in range(50):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                if not folder.exists():
                    break
                time.sleep(0.1)


class Sampler:
    """The proportional set size of a group's processes together, looked at many times a second."""

    def __init__(self, watched: Group) -> None:
        self.peak_bytes = 0
        self._group = watched
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.03):
            self.peak_bytes = max(self.peak_bytes, sum(_pss_bytes(pid) for pid in self._group.pids()))


def _pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
