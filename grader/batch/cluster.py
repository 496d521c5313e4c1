"""Grades beside the workers of a Dask cluster: each worker brings up a grading process of its own and keeps it warm.

The secret must be in the memory of grading processes only. So it never travels in the clear: a grading process that
comes up makes a key pair, its first task comes back with the public key, and the same submission goes out again with
the secret sealed for that one process. Scheduler and Dask worker pass a box along that they cannot open. A worker
that joins later, or comes back after a crash, is served in the same way.

Dask runs what it is told to by anybody who reaches it: use its TLS where others share the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from distributed import Client, KilledWorker, WorkerPlugin, get_worker
from nacl.public import PublicKey, SealedBox

from grader.batch.local import DIED, Node, NodeLost
from grader.batch.node import Graded, Setup, Task
from grader.errors import GraderError, SandboxError
from grader.submissions import Submission

log = logging.getLogger("grader.batch")

PLUGIN = "gradient-grader"
ATTEMPTS = 2
MAX_IN_FLIGHT = 256
LOOK_AGAIN_SECONDS = 5.0
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Locked:
    """A worker's answer when its grading process does not know the secret yet."""

    public_key: bytes


@dataclass(frozen=True)
class Lost:
    """A worker's answer when its grading process died with the submission."""


Boxes = Mapping[bytes, bytes]
"""Public key of a grading process -> the secret sealed for it."""


class Nodes(WorkerPlugin):
    """The grading processes of one Dask worker: at most one per thread of it, started when first needed."""

    def __init__(self, name: str) -> None:
        self.name = name
        """One per batch: another batch on the same cluster has other processes."""

    def setup(self, worker: Any) -> None:
        """Called on the worker, where the processes and their lock live."""
        self._lock = threading.Lock()
        self._idle: list[Node] = []
        self._locked: tuple[bytes, Node] | None = None

    def teardown(self, worker: Any) -> None:
        """End the processes with the worker."""
        for node in (*self._idle, *(self._locked or ())[1:]):
            node.close()

    def taken(self, setup: Setup, boxes: Boxes) -> Node | Locked:
        """An idle process, one that a box opens, or the public key of one that needs a box."""
        with self._lock:
            while self._idle:
                if (node := self._idle.pop()).alive:  # it ends by itself when nobody has asked for long
                    return node
                node.close()
            if self._locked is None:
                fresh = Node.started(seal=True)
                with _closed_if_lost(fresh):
                    self._locked = fresh.hello().public_key, fresh
            key, node = self._locked
            if key not in boxes:
                return Locked(key)
            self._locked = None
        with _closed_if_lost(node):
            node.tell(replace(setup, secret=boxes[key], sealed=True))
            node.prepared()
        return node

    def given_back(self, node: Node) -> None:
        """Keep the process warm."""
        with self._lock:
            self._idle.append(node)


@contextlib.contextmanager
def _closed_if_lost(node: Node) -> Iterator[None]:
    try:
        yield
    except NodeLost:
        node.close()
        raise


def grade_there(plugin: str, setup: Setup, boxes: Boxes, task: Task) -> Graded | Locked | Lost:
    """What a Dask worker runs; `setup` holds no secret."""
    nodes = get_worker().plugins[plugin]
    assert isinstance(nodes, Nodes)
    try:
        node = nodes.taken(setup, boxes)
    except NodeLost:  # it died while it was starting
        return Lost()
    if isinstance(node, Locked):
        return node
    try:
        graded = node.do(task)
    except NodeLost:
        node.close()
        return Lost()
    nodes.given_back(node)
    return graded


class DaskCluster:
    """An executor on a running Dask cluster; its workers need the same version of the grader and of the exercises."""

    def __init__(self, scheduler: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._address = scheduler
        self._patience = patience_seconds
        self._threads: ThreadPoolExecutor | None = None
        self._setup: Setup | None = None
        self._secret = b""
        self._plugin = ""
        self._boxes: dict[bytes, bytes] = {}
        self._counted = (0.0, 1)

    def __enter__(self) -> DaskCluster:
        try:
            self._client = Client(self._address, timeout=self._patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise SandboxError(
                f"{self._address}: no Dask scheduler answers there; start one with `dask scheduler`"
            ) from error
        self._threads = ThreadPoolExecutor(MAX_IN_FLIGHT)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        assert self._threads is not None
        if kind is not None:  # nobody waits for what is in flight: without its futures no thread does
            self._threads.shutdown(wait=False, cancel_futures=True)
        else:
            self._threads.shutdown()
        with contextlib.suppress(Exception):  # the cluster may be gone, and we are leaving it
            self._client.unregister_worker_plugin(self._plugin)
        self._client.close()

    @property
    def capacity(self) -> int:
        """One submission per thread of every worker that is there now."""
        when, threads = self._counted
        if time.monotonic() - when > LOOK_AGAIN_SECONDS:
            threads = sum(self._client.nthreads().values())
            self._counted = (time.monotonic(), threads)
        return max(1, min(threads, MAX_IN_FLIGHT // 2))

    def prepare(self, setup: Setup) -> None:
        """Tell every worker, present or to come, how to grade; raises SandboxError when there is none."""
        self._setup, self._secret = replace(setup, secret=b""), setup.secret
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError as error:
            raise SandboxError(f"{self._address}: the cluster has no workers; start one with `dask worker`") from error
        self._plugin = f"{PLUGIN}-{uuid.uuid4().hex}"
        self._client.register_plugin(Nodes(self._plugin))

    def submit(self, submission: Submission) -> Future[Graded]:
        """Grade a submission on whichever worker is free."""
        assert self._threads is not None
        return self._threads.submit(self._graded, submission)

    def _graded(self, submission: Submission) -> Graded:
        """Ask until there is a report; a submission that its process dies of is, in the end, an internal error."""
        lost = 0
        while lost <= ATTEMPTS:
            task = Task(submission, fault=DIED if lost == ATTEMPTS else "")
            answer = self._asked(task)
            if isinstance(answer, Graded):
                return answer
            lost += 1
        raise SandboxError("grading processes die one after the other; run `grader doctor` on a worker's machine")

    def _asked(self, task: Task) -> Graded | Lost:
        """One attempt, the handshakes with processes that do not know the secret yet apart."""
        while True:
            answer = self._run(task)
            if not isinstance(answer, Locked):
                return answer
            key = answer.public_key
            self._boxes.setdefault(key, bytes(SealedBox(PublicKey(key)).encrypt(self._secret)))

    def _run(self, task: Task) -> Graded | Locked | Lost:
        try:
            future = self._client.submit(grade_there, self._plugin, self._setup, dict(self._boxes), task, pure=False)
            answer: Graded | Locked | Lost = future.result()
            return answer
        except KilledWorker:
            return Lost()
        except GraderError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            log.exception("a task on the cluster failed")
            raise SandboxError(
                f"{self._address}: the cluster failed ({type(error).__name__}); run the same command again to go on"
            ) from error
