"""The trusted side's hold on the spawner: start it first, then read the secret."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType

from grader.sandbox.control import Control
from grader.worker.confine import Layer, set_dumpable


class Spawner:
    """The process that starts zygotes; one per grader, shared by all Sandbox objects and threads."""

    def __init__(self, pid: int, control: Control) -> None:
        self.pid = pid
        self._control = control
        self._lock = threading.Lock()
        self.layers = tuple(Layer(*layer) for layer in control.answer()[0]["layers"])
        """The isolation layers as tried on this machine."""

    @classmethod
    def start(cls) -> Spawner:
        """Import torch with one thread and fork the spawner; call it before anything secret is in memory.

        Whatever this process holds at this moment (secret, solutions, expected values, other submissions) student
        code could find later, because every worker descends from this fork: so start first, and read the secret
        after. The thread that calls must live as long as the spawner is used. From here on this process can no longer
        be traced or read by others of its user. Raises SandboxError.
        """
        from grader.worker import preload, spawner

        preload.preload()
        preload.gather_memory()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        trusted = os.getpid()
        pid = os.fork()
        if pid == 0:
            spawner.run(theirs.fileno(), trusted)
        theirs.close()
        set_dumpable(False)
        return cls(pid, Control(ours, "spawner"))

    def zygote(self, slot: int, without: frozenset[str]) -> tuple[int, Control]:
        """A fresh zygote for a slot in place of the one that it had: its process id and its control."""
        with self._lock:
            answer, (descriptor,) = self._control.ask({"slot": slot, "without": sorted(without)}, descriptors=1)
        control = Control(socket.socket(fileno=descriptor), "zygote")
        control.answer()
        return int(answer["pid"]), control

    @property
    def ended(self) -> bool:
        """Whether the process is gone, so that no zygote can be started any more."""
        try:
            return os.waitpid(self.pid, os.WNOHANG) != (0, 0)
        except ChildProcessError:
            return True

    def close(self) -> None:
        """End the spawner and every process that descends from it; returns when they are gone."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):  # already waited for
            os.waitpid(self.pid, 0)

    def __enter__(self) -> Spawner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
