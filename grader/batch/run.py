"""The loop of a batch: what is finished is skipped, the rest graded, and each report is on disk before it counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

from grader.batch import anonymous
from grader.batch.folder import ReportFolder
from grader.batch.node import Graded, Setup, report_name
from grader.errors import SandboxError
from grader.grading import report
from grader.grading.remark import Row, row
from grader.models import Report
from grader.submissions import Source, Submission

log = logging.getLogger("grader.batch")


class Executor(Protocol):
    """Something that grades submissions: grading processes here, or beside the workers of a cluster."""

    @property
    def capacity(self) -> int:
        """How many submissions it works on at once."""
        ...

    def prepare(self, setup: Setup) -> None:
        """Say once what is graded and under which secret; raises GraderError."""
        ...

    def submit(self, submission: Submission) -> Future[Graded]:
        """Grade a submission when its turn comes; the future raises GraderError only when nothing can go on."""
        ...


@dataclass(frozen=True)
class Finished:
    """One submission that has its report; `fresh`: it was graded now; `rescored`: it only got new points."""

    row: Row
    fresh: bool
    rescored: bool = False


def run(
    sources: Iterable[Source],
    setup: Setup,
    executor: Executor,
    folder: ReportFolder,
    stop: Callable[[], bool],
    earlier: Sequence[str] = (),
) -> Iterator[Finished]:
    """Each submission once, in the order in which they are finished; never more in memory than a few per job.

    stop: asked before a submission is begun; when it says yes, what is in flight is finished and nothing else begun.
    earlier: class keys under which everything but the points was the same; such a report is rescored and nothing run.
    """
    base = report.class_key(setup.catalog, setup.assignment, setup.secret, only=setup.only)
    if setup.anonymous:  # the order in which reports are written would be the alphabet's
        sources = sorted(sources, key=lambda source: anonymous.pseudonym(setup.secret, source.id))
    remaining = iter(sources)
    running: dict[Future[Graded], str] = {}
    prepared = False
    while True:
        while not stop() and len(running) < 2 * executor.capacity and (source := next(remaining, None)) is not None:
            submission = source.read()
            key = _key(base, submission, setup.per_student)
            old = _finished(submission, key, setup, folder)
            if old is not None:
                yield Finished(row(old), fresh=False)
                continue
            old = _rescored(
                submission, key, [_key(each, submission, setup.per_student) for each in earlier], setup, folder
            )
            if old is not None:
                yield Finished(row(old), fresh=False, rescored=True)
                continue
            if not prepared:  # drawing the cases costs seconds, and a rerun may need none
                executor.prepare(setup)
                prepared = True
            running[executor.submit(submission)] = key
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            graded, key = future.result(), running.pop(future)
            if graded.key != key:
                raise SandboxError(
                    f"{graded.row.id}: was graded with other exercises or another version than this command's; bring "
                    "all machines to the same, and do not edit exercises during a batch"
                )
            folder.write(graded)
            _logged(graded)
            yield Finished(graded.row, fresh=True)


def _key(base: str, submission: Submission, per_student: bool) -> str:
    """The content key that a submission's report must have."""
    return report.content_key(report.student_key(base, submission.student if per_student else ""), submission)


def _finished(submission: Submission, key: str, setup: Setup, folder: ReportFolder) -> Report | None:
    return folder.finished(report_name(submission.id, setup), key)


def _rescored(
    submission: Submission, key: str, earlier: Sequence[str], setup: Setup, folder: ReportFolder
) -> Report | None:
    """The new report where there is one that differs in points alone."""
    name = report_name(submission.id, setup)
    old = next(filter(None, (folder.finished(name, each) for each in earlier)), None)
    if old is None:
        return None
    new = report.rescored(old, setup.catalog, setup.assignment, key, only=setup.only)
    folder.store(name, report.text(new))
    return new


def _logged(graded: Graded) -> None:
    log.info("%s: %s, %s, %.3f s", graded.row.id, graded.row.status, graded.row.score, graded.seconds)
    if graded.row.status == "internal_error":
        log.error("%s: %s\n%s", graded.row.id, graded.row.remark, graded.trace)
