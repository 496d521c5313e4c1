"""One submission in a platform's container: behind the wall, within the time, with whatever is done written down.

The sandbox is started before the secret is read. Results are written every few seconds and at our internal deadline,
each time as a whole file, so that the platform finds something true whenever it looks.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from grader import __version__
from grader.cases import secret, stored
from grader.errors import SecretError
from grader.grading import grade, report
from grader.grading.report import Plan
from grader.lms import pace, settings
from grader.lms.settings import Settings
from grader.models import Report
from grader.sandbox import Sandbox, Spawner
from grader.submissions import Submission

SAVE_SECONDS = 5.0
"""How often, at most, unfinished results are written."""

Save = Callable[[Report, Plan], None]


@dataclass(frozen=True)
class ContainerRun:
    """One run of a container: the folder with settings, secret and exercises, and when (`time.monotonic`) it began."""

    folder: Path
    settings: Settings
    started: float

    @property
    def deadline(self) -> float:
        """When what is there is written, finished or not."""
        return self.started + self.settings.grading_seconds


def graded(run: ContainerRun, submission: Submission, student: str, save: Save) -> Report | None:
    """Grade and save; the last report saved, or None when the time was up before there was anything to say.

    student: draws cases of one student's own, or "". Raises GraderError for faults of the export or of the machine.
    """
    last: list[Report] = []

    def saved(made: Report, plan: Plan) -> None:
        save(made, plan)
        last[:] = [made]

    try:
        with (
            pace.until(run.deadline),
            Spawner.start() as spawner,
            Sandbox(spawner, insist=run.settings.insist) as sandbox,
        ):
            plan = planned(run, student, sandbox)  # reads the secret: no process may be older than this line
            _grade(run, submission, plan, sandbox, saved)
    except pace.TimeIsUp:
        pass
    return last[0] if last else None


def draw(folder: Path) -> int:
    """Draw the cases once and keep them beside the secret; returns how many there are."""
    chosen = settings.read(folder)
    (folder / settings.CASES).unlink(missing_ok=True)  # drawn anew, even where they seem to fit
    plan = planned(ContainerRun(folder, chosen, time.monotonic()), "", None)
    suites = {item.exercise.slug: item.diagnosis.suite for item in plan.items}
    stored.write(folder / settings.CASES, _key(folder), suites)
    return sum(len(suite.cases) for suite in suites.values())


def protect(folder: Path) -> None:
    """Close a folder to every user but this one; a file of another user stays as it is."""
    for path in (folder, *folder.rglob("*")):
        if path.stat().st_uid != os.geteuid() and os.geteuid() == 0:
            os.chown(path, 0, 0)
        if path.stat().st_uid == os.geteuid():
            path.chmod(0o700 if path.is_dir() else 0o600)


def planned(run: ContainerRun, student: str, sandbox: Sandbox | None) -> Plan:
    """The plan, from cases that were drawn before or drawn now; raises GraderError."""
    chosen, key = run.settings, _secret(run.folder)
    prepare = stored.reader(run.folder / settings.CASES, _key(run.folder))
    return report.plan(
        chosen.catalog(run.folder),
        chosen.assignment,
        key,
        only=chosen.exercises,
        isolation=sandbox.layers if sandbox else (),
        missing=sandbox.missing if sandbox else (),
        student=student,
        prepare=prepare,
    )


def _secret(folder: Path) -> bytes:
    try:
        return secret.read(folder / settings.SECRET)
    except SecretError:
        protect(folder)  # a platform may have unpacked it with other modes
        return secret.read(folder / settings.SECRET)


def _key(folder: Path) -> str:
    """A digest of all that the cases depend on."""
    digest = hashlib.sha256(f"{__version__} {torch.__version__}".encode())
    for path in (folder / settings.SECRET, *sorted((folder / settings.EXERCISES).rglob("*.py"))):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _grade(run: ContainerRun, submission: Submission, plan: Plan, sandbox: Sandbox, save: Save) -> None:
    """Grade exercise by exercise and save on the way, so that a deadline finds what is finished."""
    paced = pace.PacedSandbox(sandbox, run.settings.allowance_seconds, run.settings.cores)
    grading = grade.GradingRun(submission, plan, paced)
    saved = time.monotonic()
    try:
        for _ in grading.exercises():
            paced.next_exercise()
            if time.monotonic() - saved > SAVE_SECONDS:
                save(grading.report(), plan)
                saved = time.monotonic()
        save(grading.report(), plan)
    except pace.TimeIsUp:
        save(grading.report(), plan)
        raise
