"""One submission in a platform's container: behind the wall, within the time, with whatever is done written down.

The walls are put up before the secret is read. Results are written after every few seconds and at the own deadline,
each time as a whole file, so that the platform finds something true whenever it looks.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from grader import __version__
from grader.cases import secret, stored
from grader.errors import SandboxError, SecretError
from grader.grading import grade as grading
from grader.grading import report
from grader.grading.report import Item, Plan
from grader.grading.scoring import exercise_result
from grader.lms import pace, settings, wording
from grader.lms.settings import Settings
from grader.models import CheckResult, ExerciseResult, Note, Report
from grader.sandbox import Sandbox, Session, Spawner
from grader.submissions import Submission
from grader.wire.outcome import Loaded

SAVE_SECONDS = 5.0
"""How often, at most, unfinished results are written."""

Save = Callable[[Report, Plan], None]


@dataclass(frozen=True)
class Run:
    """One run of a container: the folder with settings, secret and exercises, and when (`time.monotonic`) it began."""

    folder: Path
    settings: Settings
    started: float

    @property
    def deadline(self) -> float:
        """When what is there is written, finished or not."""
        return self.started + self.settings.grading_seconds


def grade(run: Run, submission: Submission, student: str, save: Save) -> Report | None:
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
    plan = planned(Run(folder, chosen, time.monotonic()), "", None)
    suites = {item.exercise.slug: item.casebook.suite for item in plan.items}
    stored.write(folder / settings.CASES, _key(folder), suites)
    return sum(len(suite.cases) for suite in suites.values())


def protect(folder: Path) -> None:
    """Close a folder to every user but this one; a file that belongs to somebody else stays as it is."""
    for path in (folder, *folder.rglob("*")):
        if path.stat().st_uid != os.geteuid() and os.geteuid() == 0:
            os.chown(path, 0, 0)
        if path.stat().st_uid == os.geteuid():
            path.chmod(0o700 if path.is_dir() else 0o600)


def planned(run: Run, student: str, sandbox: Sandbox | None) -> Plan:
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


def _grade(run: Run, submission: Submission, plan: Plan, sandbox: Sandbox, save: Save) -> None:
    """The story of grader/grading.py under a deadline: exercise by exercise, saved on the way."""
    began = time.monotonic()

    def seconds() -> float:
        return time.monotonic() - began

    if submission.problem:
        save(report.unreadable(submission, plan, submission.problem, seconds()), plan)
        return
    targets = [item.exercise.target for item in plan.items]
    story = _Story(submission, plan, [unrun(item) for item in plan.items])
    try:
        with sandbox.session(submission.files, targets, plan.loading_limits) as session:
            if session.loaded.problem:
                save(report.unreadable(submission, plan, session.loaded.problem, seconds()), plan)
                return
            written = time.monotonic()
            for _ in story.told(session, run.settings):
                if time.monotonic() - written > SAVE_SECONDS:
                    save(story.report(session.loaded, seconds()), plan)
                    written = time.monotonic()
            save(story.report(session.loaded, seconds()), plan)
    except SandboxError as error:
        save(report.internal_error(submission, plan, str(error), seconds()), plan)
    except pace.TimeIsUp:
        save(story.report(Loaded({}, {}), seconds()), plan)
        raise


class _Story:
    """Results of the exercises so far; the others stand there as not run."""

    def __init__(self, submission: Submission, plan: Plan, results: list[ExerciseResult]) -> None:
        self._submission = submission
        self._plan = plan
        self._results = results
        self._notes: list[Note] = []
        self._finished = False

    def told(self, session: Session, chosen: Settings) -> Iterator[None]:
        """Grade one exercise after the other."""
        paced = pace.Paced(session, chosen.allowance_seconds, chosen.cores)
        for index, item in enumerate(self._plan.items):
            paced.next_exercise()
            result, notes = grading.grade_exercise(paced, item.casebook, item.limits)
            self._results[index] = result
            self._notes.extend(notes)
            yield
        self._finished = True

    def report(self, loaded: Loaded, seconds: float) -> Report:
        """What there is to say at this moment."""
        notes = self._notes if self._finished else [*self._notes, Note(kind="platform_too_slow", message=wording.UNRUN)]
        return report.graded(self._submission, self._plan, loaded, self._results, notes, seconds)


def unrun(item: Item) -> ExerciseResult:
    """An exercise that the platform's slowness left out: no points, and no zero either."""
    checks = tuple(
        CheckResult(
            name=check.name,
            points=None,
            max_points=check.points,
            verdict="internal_error",
            cases_passed=0,
            cases_total=0,
            message=wording.UNRUN,
        )
        for check in item.exercise.checks
    )
    return exercise_result(item.exercise, checks)
