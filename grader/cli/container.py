"""`grader container`: what the scripts of an export call inside a platform's container; not for people."""

from __future__ import annotations

import gc
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from grader.cli.options import EXISTING_FOLDER
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.grading.report import Plan
    from grader.lms.container import ContainerRun, Save
    from grader.models import Report
    from grader.submissions import Submission

NOT_GRADED = 3


@click.group(hidden=True)
def container() -> None:
    """Grade one submission in a platform's container."""


@container.command()
@click.argument("folder", type=EXISTING_FOLDER)
def draw(folder: Path) -> None:
    """Draw the hidden cases once, where the image is built."""
    from grader.lms import container

    click.echo(f"{container.draw(folder)} cases drawn")


@container.command()
@click.argument("autograder", type=EXISTING_FOLDER)
def gradescope(autograder: Path) -> None:
    """/autograder/submission in, /autograder/results/results.json out; exit status 3 when there is no score."""
    with _uncollected():
        from grader import storage
        from grader.lms import gradescope as platform

    run = _run(autograder / "source")
    out = autograder / "results" / "results.json"

    def save(made: Report, plan: Plan) -> None:
        storage.store(platform.results(made, plan, run.settings.details).text(), out)

    try:
        identity = platform.submission_id(autograder / "submission_metadata.json")
        made = _graded(run, _read(autograder / "submission", identity), "", save)
    except Exception:
        traceback.print_exc(file=sys.stdout)  # staff only
        _end(NOT_GRADED)
    _end(NOT_GRADED if made is None or made.score is None else 0)


@container.command()
@click.argument("grade", type=EXISTING_FOLDER)
def prairielearn(grade: Path) -> None:
    """/grade/student and /grade/data in, /grade/results/results.json out; exit status 0 whatever happens."""
    with _uncollected():
        from grader import storage
        from grader.lms import prairielearn as platform

    out = grade / "results" / "results.json"

    def save(made: Report, plan: Plan) -> None:
        storage.store(platform.results(made, plan).text(), out)

    try:
        run = _run(grade / "tests")
        student = f"variant {platform.variant_seed(grade / 'data' / 'data.json')}"
        _graded(run, _read(grade / "student", "submission"), student, save)
    except Exception:
        traceback.print_exc(file=sys.stdout)  # staff only
    _end(0)


def _run(folder: Path) -> ContainerRun:
    from grader.lms import settings
    from grader.lms.container import ContainerRun

    grading = folder / settings.FOLDER
    return ContainerRun(grading, settings.read(grading), time.monotonic() - _age_seconds())


def _age_seconds() -> float:
    """How long this process exists: on a slow platform, seconds go by before its first line is run."""
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(started) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection: it takes a fifth of the time of importing torch and finds nothing, now or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _read(folder: Path, identity: str) -> Submission:
    """What the platform laid there; raises SubmissionError where it laid nothing, because that is no student's 0."""
    from dataclasses import replace

    from grader import submissions
    from grader.errors import SubmissionError

    if not folder.is_dir():
        raise SubmissionError(f"{folder}: the platform has put no submission there; run the grading again")
    return replace(submissions.at(folder), id=identity).read()


def _graded(run: ContainerRun, submission: Submission, student: str, save: Save) -> Report | None:
    """Grade, and tell the staff, who alone sees standard output, how it went."""
    from grader.lms import container

    try:
        made = container.graded(run, submission, student, save)
    except GraderError as error:
        click.echo(f"grader: {error}")
        return None
    if made is None:
        click.echo("grader: the time was up before anything was graded")
        return None
    where = made.environment
    missing = f"; MISSING: {', '.join(where.isolation_missing)}" if where.isolation_missing else ""
    layers = f"layers: {', '.join(where.isolation)}{missing}"
    click.echo(f"{made.status}, score {made.score}, {made.wall_seconds} s; {layers}")
    for exercise in made.exercises:
        for finding in exercise.findings:
            certainty = "certain" if finding.certain else "suspected"
            click.echo(f"{exercise.exercise}: {finding.kind}, {certainty}: {finding.evidence}")
    for note in made.notes:
        click.echo(f"{note.kind}: {note.message}")
    return made


def _end(status: int) -> NoReturn:
    """Leave without taking torch down, which takes several tenths of a second of a slow processor."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
