"""Grades beside the workers of a Dask cluster: each worker brings up a grading process of its own and keeps it warm.

The secret must be in the memory of grading processes only. So it never travels in the clear: a grading process that
comes up makes a key pair, its first task comes back with the public key, and the same submission goes out again with
the secret sealed for that one process. Scheduler and Dask worker pass a box along that they cannot open. A worker
that joins later, or comes back after a crash, is served in the same way.

Dask runs what it is told to by anybody who reaches it: use its TLS where others share the network.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from distributed import Client, KilledWorker, WorkerPlugin, get_worker
from nacl.public import PublicKey, SealedBox

from grader.batch.local import DIED, Node, NodeLost
from grader.batch.node import Graded, Setup, Task
from grader.errors import GraderError, SandboxError
from grader.submissions import Submission

PLUGIN = "gradient-grader"
ATTEMPTS = 2
MOST_IN_FLIGHT = 256
LOOK_AGAIN_SECONDS = 5.0
PATIENCE_SECONDS = 30.0


class Locked:
    """A worker's answer when its grading process does not know the secret yet."""

    def __init__(self, worker: str, process: int, public_key: bytes) -> None:
        self.worker = worker
        self.process = process
        self.public_key = public_key


class Lost:
    """A worker's answer when its grading process died with the submission."""


class Nodes(WorkerPlugin):  # type: ignore[misc]  # distributed has no types
    """The grading processes of one Dask worker: at most one per thread of it, started when first needed."""

    name = PLUGIN

    def __init__(self) -> None:
        self.idle: list[Node] = []
        self.locked: dict[int, Node] = {}

    def setup(self, worker: Any) -> None:
        """Called on the worker; locks do not travel."""
        self.lock = threading.Lock()

    def teardown(self, worker: Any) -> None:
        """End the processes with the worker."""
        for node in (*self.idle, *self.locked.values()):
            node.close()

    def taken(self, setup: Setup, process: int) -> Node | Locked:
        """An idle process, the one that can open the secret in the setup, or a new one's public key."""
        with self.lock:
            if process in self.locked:
                node = self.locked.pop(process)
            elif self.idle:
                return self.idle.pop()
            else:
                node = Node.started(seal=True)
                self.locked[node.pid] = node
                return Locked(get_worker().address, node.pid, node.hello().public_key)
        node.tell(setup)
        node.prepared()
        return node

    def given_back(self, node: Node) -> None:
        """Keep the process warm."""
        with self.lock:
            self.idle.append(node)


def grade_there(setup: Setup, process: int, task: Task) -> Graded | Locked | Lost:
    """What a Dask worker runs; `setup` holds the secret sealed for `process`, or none at all (0)."""
    nodes: Nodes = get_worker().plugins[PLUGIN]
    node = nodes.taken(setup, process)
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

    def __init__(self, scheduler: str) -> None:
        self._address = scheduler
        self._threads: ThreadPoolExecutor | None = None
        self._setup: Setup | None = None
        self._secret = b""
        self._counted = (0.0, 1)

    def __enter__(self) -> DaskCluster:
        try:
            self._client = Client(self._address, timeout=PATIENCE_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise SandboxError(
                f"{self._address}: no Dask scheduler answers there; start one with `dask scheduler`"
            ) from error
        self._threads = ThreadPoolExecutor(MOST_IN_FLIGHT)
        return self

    def __exit__(self, *error: object) -> None:
        assert self._threads is not None
        self._threads.shutdown(cancel_futures=True)
        self._client.unregister_worker_plugin(PLUGIN)
        self._client.close()

    @property
    def capacity(self) -> int:
        """One submission per thread of every worker that is there now."""
        when, threads = self._counted
        if time.monotonic() - when > LOOK_AGAIN_SECONDS:
            threads = sum(self._client.nthreads().values())
            self._counted = (time.monotonic(), threads)
        return max(1, min(threads, MOST_IN_FLIGHT // 2))

    def prepare(self, setup: Setup) -> None:
        """Tell every worker, present or to come, how to grade; raises SandboxError when there is none."""
        self._setup, self._secret = replace(setup, secret=b"", sealed=True), setup.secret
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            raise SandboxError(f"{self._address}: the cluster has no workers; start one with `dask worker`") from error
        self._client.register_plugin(Nodes())

    def submit(self, submission: Submission) -> Future[Graded]:
        """Grade a submission on whichever worker is free."""
        assert self._threads is not None
        return self._threads.submit(self._graded, submission)

    def _graded(self, submission: Submission) -> Graded:
        """Ask until there is a report; a submission that its process dies of is, in the end, a fault of ours."""
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
        setup, process, worker = self._setup, 0, ""
        assert setup is not None
        while True:
            answer = self._run(setup, process, task, worker)
            if not isinstance(answer, Locked):
                return answer
            box = SealedBox(PublicKey(answer.public_key)).encrypt(self._secret)
            setup, process, worker = replace(setup, secret=bytes(box)), answer.process, answer.worker

    def _run(self, setup: Setup, process: int, task: Task, worker: str) -> Graded | Locked | Lost:
        where = {"workers": [worker], "allow_other_workers": True} if worker else {}
        try:
            future = self._client.submit(grade_there, setup, process, task, pure=False, **where)
            answer: Graded | Locked | Lost = future.result()
            return answer
        except KilledWorker:
            return Lost()
        except GraderError:
            raise
        except Exception as error:
            raise SandboxError(
                f"{self._address}: the cluster failed ({type(error).__name__}: {error}); run the same command again to "
                "go on"
            ) from error
