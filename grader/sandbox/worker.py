"""The trusted side of one worker: framed questions and answers under a deadline that the worker cannot move.

A deadline counts the worker's processor time from outside, by the kernel's clock of that process, and the wall clock
as a backstop. The wall clock stands still while the worker is ready to run and the machine does not let it: a crowded
machine is nobody's endless loop. Every byte read is capped beforehand.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import NamedTuple

from grader.exercise import Limits
from grader.wire.protocol import HEADER, MessageKind, ProtocolError, frame, parse_header

CHUNK_BYTES = 2**20
READ_BYTES = 2**16
"""Asked for at least, so that most answers come with one look."""
FIRST_LOOK_SECONDS = 0.02
"""Most calls are over sooner; only of the others is it asked how long they wait for a processor."""
LOOK_AGAIN_SECONDS = 1.0
"""At least this often the clocks are read; a worker with threads can spend more than a second per second."""

DEATH_SECONDS = 2.0
"""How long a process that has closed its end may take to be dead."""


MAX_WAITING = 3.0
"""After so many times its wall limit, a call that is still kept waiting for a processor is the machine's fault."""


class OutOfCpu(Exception):
    """The deadline in processor time has passed."""


class OutOfTime(Exception):
    """The deadline by the wall clock has passed."""


class Starved(Exception):
    """The machine has kept the worker waiting for a processor far beyond the deadline by the wall clock."""


class Ended(Exception):
    """The worker has closed its end, which it does by dying."""


class TooLong(Exception):
    """The worker announces more than it may send; `size_bytes` is what it announced."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self.size_bytes = size_bytes


class ProcessorUse(NamedTuple):
    """What the kernel knows of a process: seconds on a processor, and seconds ready to run without one."""

    pid: int
    running: float
    waiting: float


def usage(pid: int) -> ProcessorUse | None:
    """What a process has used so far; None where there is none, or the kernel does not count."""
    try:
        running, waiting, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except (OSError, ValueError):
        return None
    return ProcessorUse(pid, int(running) / 1e9, int(waiting) / 1e9)


class Deadline:
    """Processor seconds of one process, and wall seconds in which it runs or sleeps, both from now on."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._clock = (~pid << 3) | 2  # the kernel's name for the processor time of a whole process
        self._pid = pid
        self._cpu = self._cpu_seconds() + limits.cpu_seconds
        self._wall = time.monotonic() + limits.wall_seconds
        self._waited: float | None = None
        self._looks = 0
        self._longest = MAX_WAITING * limits.wall_seconds

    def wait_seconds(self) -> float:
        """How long nothing can happen that matters; raises OutOfCpu, OutOfTime or Starved."""
        cpu_left, wall_left = self._cpu - self._cpu_seconds(), self._wall - time.monotonic()
        if cpu_left <= 0:
            raise OutOfCpu
        self._looks += 1
        if self._looks == 1:
            return min(cpu_left, FIRST_LOOK_SECONDS)
        if self._waited is None:
            self._waited = self._waiting_seconds()
        if wall_left <= 0:
            late, wall_left = -wall_left, wall_left + self._waiting_seconds() - self._waited
            if wall_left <= 0:
                raise OutOfTime
            if late > self._longest:
                raise Starved
        return min(cpu_left, wall_left, LOOK_AGAIN_SECONDS)

    def _waiting_seconds(self) -> float:
        found = usage(self._pid)
        return found.waiting if found else 0.0

    def _cpu_seconds(self) -> float:
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # gone; the end of file says so
            return 0.0


class Worker:
    """One worker process: its wire and a pidfd, which names it even when its process id is used again."""

    def __init__(self, pid: int, wire: int, pidfd: int) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self._socket = socket.socket(fileno=wire)
        self._socket.setblocking(False)
        self._ahead = bytearray()
        self._poll = select.poll()
        self._poll.register(pidfd, select.POLLIN)

    def ask(
        self, kind: MessageKind, index: int, payload: bytes, cap_bytes: int, deadline: Deadline
    ) -> tuple[MessageKind, bytes]:
        """Send one question and return kind and payload (at most `cap_bytes`) of its first answer.

        Raises OutOfCpu, OutOfTime, Starved, Ended, TooLong, or ProtocolError for an answer that was there before
        its question, is not framed, or belongs to another question.
        """
        with contextlib.suppress(BlockingIOError, ConnectionError):
            if self._ahead or self._socket.recv(1, socket.MSG_PEEK):
                raise ProtocolError("an answer came before its question")
        self._send(frame(kind, index, payload), deadline)
        return self.answer(index, cap_bytes, deadline)

    def answer(self, index: int, cap_bytes: int, deadline: Deadline) -> tuple[MessageKind, bytes]:
        """The next frame, which must carry this index."""
        kind, echoed, length = parse_header(self._read(HEADER.size, deadline))
        if echoed != index:
            raise ProtocolError(f"an answer to question {echoed} where {index} was asked")
        if length > cap_bytes:
            raise TooLong(length)
        return kind, self._read(length, deadline)

    def died(self) -> bool:
        """Whether the process is dead; after its end of file that is a matter of moments."""
        return bool(select.select([self._pidfd], [], [], DEATH_SECONDS)[0])

    def kill(self) -> None:
        """End the worker at once, whatever it is doing, and close the wire; its zygote waits for it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        os.close(self._pidfd)
        self._socket.close()

    def _send(self, data: bytes, deadline: Deadline) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view[:CHUNK_BYTES]) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except ConnectionError:
                raise Ended from None

    def _read(self, count: int, deadline: Deadline) -> bytes:
        """So many bytes; what comes with them is kept for the next time."""
        while len(self._ahead) < count:
            self._wait(select.POLLIN, deadline)
            try:
                part = self._socket.recv(min(max(count - len(self._ahead), READ_BYTES), CHUNK_BYTES))
            except BlockingIOError:
                continue
            except ConnectionError:
                part = b""
            if not part:
                raise Ended
            self._ahead += part
        data = bytes(self._ahead[:count])
        del self._ahead[:count]
        return data

    def _wait(self, event: int, deadline: Deadline) -> None:
        """Until the socket is ready; raises Ended when the process is dead and has left nothing to read."""
        self._poll.register(self._socket, event)
        ready = dict(self._poll.poll(max(1.0, deadline.wait_seconds() * 1000)))
        if self._pidfd in ready and self._socket.fileno() not in ready:  # what it has forked may hold the wire open
            raise Ended
