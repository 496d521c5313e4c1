"""A grading process: it forks its spawner first, then receives the secret, then grades one submission at a time.

One process per job, because judging and diagnosing are Python and hold the interpreter lock. On this machine it is a
fork of the command, made before the secret is read; on a cluster, or in place of one that died, a fresh interpreter
(`main`). Either way the spawner of student code never had the secret in its memory. Both ends
of the pipe are ours, and nothing that student code wrote reaches it other than as text inside a report.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from grader import storage
from grader.batch import anonymous
from grader.cases.stored import MachineStore, machine_folder
from grader.course import catalog
from grader.course.assignment import Assignment
from grader.errors import GraderError, SandboxError
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.remark import Row, row
from grader.grading.report import Plan
from grader.models import Report
from grader.sandbox import Sandbox, Spawner
from grader.submissions import Submission

if TYPE_CHECKING:
    from nacl.public import PrivateKey

log = logging.getLogger("grader.batch")

SLOTS = 512
IDLE_SECONDS = 900.0
"""A process on a cluster ends after so long without a message: the batch that started it may be gone."""


@dataclass(frozen=True)
class Setup:
    """What every grading process of a batch is told; paths are absolute.

    secret: the secret itself, or, where `sealed`, the box that only the process with the right key can open.
    per_student: draw each student's own cases. anonymous: leave out who somebody is.
    """

    exercises: Path
    solutions: Path | None
    assignment: Assignment
    only: tuple[str, ...]
    secret: bytes
    sealed: bool = False
    per_student: bool = False
    anonymous: bool = False
    insist: bool = False

    @property
    def catalog(self) -> catalog.Catalog:
        """The exercises and, where they travelled, the misconceptions."""
        return catalog.Catalog(self.exercises, self.solutions)


@dataclass(frozen=True)
class Ready:
    """The first word of a grading process: its spawner runs. public_key: for sealing the secret, or empty."""

    public_key: bytes


@dataclass(frozen=True)
class Graded:
    """One report as it is written, and what a summary needs of it; `trace` is for the log, when something broke."""

    name: str
    """The report's file name, without suffix."""
    key: str
    row: Row
    text: str
    seconds: float
    trace: str = ""


@dataclass(frozen=True)
class Task:
    """A submission to grade, or, where `fault` is a sentence, to report as an internal error."""

    submission: Submission
    fault: str = ""


class Grading:
    """Grades one submission after the other under a setup."""

    def __init__(self, setup: Setup, secret: bytes, sandbox: Sandbox, slot: int) -> None:
        self._setup = setup
        self._secret = secret
        self._sandbox = sandbox
        self._store = MachineStore(machine_folder(), setup.catalog.files)
        self._plan = None
        if not setup.per_student:
            self._draw(slot)
            self._plan = self._planned("")

    def do(self, task: Task) -> Graded:
        """The submission's report; what breaks here, a bug included, is an internal error and stops no batch."""
        submission, trace = task.submission, ""
        plan = self._plan or self._planned(submission.student)
        try:
            if task.fault:
                result = report.internal_error(submission, plan, task.fault, 0.0)
            else:
                result = grading.grade(submission, plan, self._sandbox)
        except Exception as error:
            trace = traceback.format_exc()
            sentence = f"the grader itself failed ({type(error).__name__}); the log has the details"
            result = report.internal_error(submission, plan, sentence, 0.0)
        return self._graded(result, submission, trace)

    def _graded(self, result: Report, submission: Submission, trace: str) -> Graded:
        name = submission.id
        if self._setup.anonymous:
            mask = anonymous.Mask(submission, anonymous.pseudonym(self._secret, submission.id))
            name, result, trace = mask.name, mask.report(result), mask.text(trace)
        file_name = storage.file_name(name)
        return Graded(file_name, result.grading_key, row(result), report.text(result), result.wall_seconds, trace)

    def _draw(self, slot: int) -> None:
        """Draw all cases, or find them; processes of one machine begin in different places and find each other's."""
        chosen = [exercise for exercise, _ in self._setup.assignment.chosen(self._setup.catalog, self._setup.only)]
        begin = slot // 2 % max(len(chosen), 1)
        for exercise in (chosen[begin:] + chosen[:begin])[:: -1 if slot % 2 else 1]:
            self._store.prepare(exercise, self._secret, "")

    def _planned(self, student: str) -> Plan:
        setup = self._setup
        return report.plan(
            setup.catalog,
            setup.assignment,
            self._secret,
            only=setup.only,
            isolation=self._sandbox.layers,
            missing=self._sandbox.missing,
            student=student,
            prepare=self._store.prepare,
        )


def report_name(identity: str, setup: Setup) -> str:
    """The file name, without suffix, of the report of a submission; the secret must not be sealed."""
    return storage.file_name(anonymous.pseudonym(setup.secret, identity) if setup.anonymous else identity)


def serve(connection: Connection, *, seal: bool = False) -> None:
    """Grade what comes over the connection until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to decide; what is in flight is finished
    with contextlib.suppress(EOFError, ConnectionError), Spawner.start() as spawner:
        box = _box() if seal else None
        connection.send(Ready(bytes(box.public_key) if box else b""))
        setup: Setup | None = connection.recv()
        if setup is None:  # nothing is left to grade
            return
        try:
            secret = _opened(setup.secret, box) if setup.sealed else setup.secret
            with claimed_slot() as slot, Sandbox(spawner, slot, insist=setup.insist) as sandbox:
                work = Grading(setup, secret, sandbox, slot)
                connection.send(None)
                patience = IDLE_SECONDS if seal else None
                while connection.poll(patience) and (task := connection.recv()) is not None:
                    graded = work.do(task)
                    if spawner.ended:  # nothing can be graded here any more: whoever asked starts another and asks it
                        return
                    connection.send(graded)
        except GraderError as error:
            connection.send(error)
        except (EOFError, ConnectionError):
            raise
        except Exception as error:  # a bug of ours, said instead of a process that is just gone
            log.exception("a grading process failed")
            connection.send(
                SandboxError(f"the grader itself failed ({type(error).__name__}); --log-file keeps details")
            )


@contextmanager
def claimed_slot() -> Iterator[int]:
    """A slot that no other grading process of this machine has: the kernel gives the name back when we end."""
    for slot in range(SLOTS):
        with socket.socket(socket.AF_UNIX) as claim:
            try:
                claim.bind(f"\0gradient-grader-slot-{slot}")
            except OSError:
                continue
            yield slot
            return
    raise SandboxError(f"{SLOTS} grading processes run on this machine already; wait until one has ended")


def _box() -> PrivateKey:
    from nacl.public import PrivateKey

    return PrivateKey.generate()


def _opened(secret: bytes, box: PrivateKey | None) -> bytes:
    from nacl.public import SealedBox

    if box is None:
        raise SandboxError("a sealed secret came to a grading process that cannot open it; this is a bug of the grader")
    return SealedBox(box).decrypt(secret)


def main() -> None:
    """A grading process in a fresh interpreter; its arguments are the pipe's descriptor and, or not, `seal`."""
    descriptor, *options = sys.argv[1:]
    serve(Connection(int(descriptor)), seal="seal" in options)
