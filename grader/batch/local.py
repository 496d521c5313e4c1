"""Grades on this machine: one grading process per job, forked before the secret is read."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import grader
from grader.batch import node
from grader.batch.node import Graded, Ready, Setup, Task
from grader.errors import GraderError, SandboxError
from grader.submissions import Submission

DIED = (
    "the process that graded this submission died twice; is the machine short of memory? Grade fewer at a time (--jobs)"
)

STARTS = 3
"""How often a grading process may die while it starts."""


class NodeLost(SandboxError):
    """A grading process is gone, with what it was grading."""


class Node:
    """This side's hold on one grading process; used by one thread at a time."""

    def __init__(self, connection: Connection, pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self._connection = connection
        self._process = process
        self.pid = pid
        self.ready = False

    @classmethod
    def forked(cls, others: Sequence[Node] = ()) -> Node:
        """A fork of this process, which must hold neither secret nor submissions yet; `others` were forked before."""
        ours, theirs = Pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                _belong_to(parent)
                for other in (ours, *(each._connection for each in others)):
                    other.close()
                node.serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        return cls(ours, pid)

    @classmethod
    def started(cls, *, seal: bool = False) -> Node:
        """A fresh interpreter, which knows nothing of this process's memory."""
        ours, theirs = Pipe()
        descriptor = theirs.fileno()
        run = f"from {node.__name__} import main; main()"  # not -m: its classes would be called __main__'s
        command = [sys.executable, "-c", run, str(descriptor), *(["seal"] if seal else [])]
        # Started where the package lies: a student's torch.py in the current folder must not be imported.
        root = Path(grader.__file__).parents[1]
        process = subprocess.Popen(command, pass_fds=[descriptor], cwd=root, start_new_session=True)
        theirs.close()
        return cls(ours, process.pid, process)

    @property
    def alive(self) -> bool:
        """Whether the process of a fresh interpreter runs."""
        return self._process is not None and self._process.poll() is None

    def hello(self) -> Ready:
        """Wait until the spawner runs; raises NodeLost."""
        ready = self._receive()
        assert isinstance(ready, Ready)
        return ready

    def tell(self, setup: Setup) -> None:
        """Send the setup; `prepared` waits until it is taken in."""
        self._send(setup)

    def prepared(self) -> None:
        """Wait until the cases are drawn; raises the GraderError that it ended with, or NodeLost."""
        answer = self._receive()
        if isinstance(answer, GraderError):
            raise answer
        self.ready = True

    def do(self, task: Task) -> Graded:
        """The report of a submission; raises NodeLost."""
        self._send(task)
        answer = self._receive()
        if isinstance(answer, GraderError):
            raise answer
        assert isinstance(answer, Graded)
        return answer

    def kill(self) -> None:
        """End the process at once, with all that it started; `close` waits for it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process once it has finished what it is doing, and wait for it."""
        with contextlib.suppress(OSError):
            self._connection.send(None)
        self._connection.close()
        if self._process is not None:
            self._process.wait()
        else:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def _send(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError as error:
            raise NodeLost("a grading process has ended unexpectedly") from error

    def _receive(self) -> object:
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise NodeLost("a grading process has ended unexpectedly; run the command again to go on") from error


class LocalPool:
    """An executor of grading processes on this machine. Enter it before the secret is in memory."""

    def __init__(self, jobs: int) -> None:
        self.capacity = jobs
        self._nodes: list[Node] = []
        self._idle: queue.SimpleQueue[Node] = queue.SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None
        self._setup: Setup | None = None
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> LocalPool:
        from grader.sandbox import preload, set_dumpable

        preload()  # once, here: the processes share the memory
        for _ in range(self.capacity):
            self._nodes.append(Node.forked(self._nodes))
        for each in self._nodes:
            each.hello()
        set_dumpable(False)  # from here on no other process of our user may read this one
        self._threads = ThreadPoolExecutor(self.capacity)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None:  # the batch cannot go on, or was interrupted twice: nobody waits for what is in flight
            self._ended = True
            for each in self._nodes:
                each.kill()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for each in self._nodes:
            each.close()

    def prepare(self, setup: Setup) -> None:
        """Say what is graded; a process draws its cases when its first submission comes."""
        self._setup = setup
        for each in self._nodes:
            self._idle.put(each)

    def submit(self, submission: Submission) -> Future[Graded]:
        """Grade a submission when its turn comes."""
        assert self._threads is not None
        return self._threads.submit(self._graded, submission)

    def _graded(self, submission: Submission) -> Graded:
        """A process that dies is replaced and the submission tried once more; then it is an internal error."""
        assert self._setup is not None
        place = self._idle.get()
        try:
            for task in (Task(submission), Task(submission), Task(submission, fault=DIED)):
                try:
                    if not place.ready:
                        place.tell(self._setup)
                        place.prepared()
                    return place.do(task)
                except NodeLost:
                    if self._ended:
                        raise
                    place = self._replaced(place)
            raise NodeLost("grading processes die one after the other; see `grader doctor`")
        finally:
            self._idle.put(place)

    def _replaced(self, lost: Node) -> Node:
        """A fresh interpreter in place of a process that died: a fork of this one would hold the secret.

        One that dies while it starts is replaced in turn; after STARTS of them raises NodeLost.
        """
        assert self._setup is not None
        for start in range(1, STARTS + 1):
            lost.close()
            fresh = Node.started()
            with self._lock:
                self._nodes[self._nodes.index(lost)] = fresh
            try:
                fresh.hello()
                fresh.tell(self._setup)
                fresh.prepared()
                break
            except NodeLost:
                if self._ended or start == STARTS:
                    raise
                lost = fresh
        return fresh


def _belong_to(parent: int) -> None:
    from grader.sandbox import die_with

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(parent, signal.SIGKILL)
