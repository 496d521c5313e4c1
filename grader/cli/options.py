"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from grader.exercise import Limits

if TYPE_CHECKING:
    from grader.batch.folder import Batch
    from grader.course.assignment import Assignment
    from grader.course.catalog import Catalog
    from grader.errors import ExerciseError

Decorated = TypeVar("Decorated", bound=Callable[..., object])

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def cores() -> int:
    """What this process may run on, which can be less than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def complete_slug(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The slugs that a shell may complete: folders with an exercise.py, without running any of them."""
    from grader.course import catalog

    folder = context.params.get("folder")
    folders = (catalog.at(folder) if folder else catalog.bundled()).folders()
    return [slug for slug in folders if slug.startswith(incomplete)]


def exercise_option(command: Decorated) -> Decorated:
    """--exercise SLUG, repeatable."""
    return click.option(
        "--exercise",
        "slugs",
        metavar="SLUG",
        multiple=True,
        shell_complete=complete_slug,
        help="Only this exercise; may be given several times.",
    )(command)


def exercises_option(command: Decorated) -> Decorated:
    """--exercises DIR: another course."""
    return click.option(
        "--exercises", "folder", type=EXISTING_FOLDER, help="A folder of exercises of your own. [default: the bundled]"
    )(command)


def assignment_option(command: Decorated) -> Decorated:
    """--assignment FILE."""
    return click.option(
        "--assignment", "assignment_file", type=EXISTING_FILE, help="Chooses exercises, weights, limits and policy."
    )(command)


def layout_option(command: Decorated) -> Decorated:
    """--layout NAME: how a download is laid out, where it is not recognised."""
    return click.option(
        "--layout",
        metavar="NAME",
        help="plain, canvas, moodle, gradescope, nbgrader or nbgrader:ASSIGNMENT. [default: recognised]",
    )(command)


def submissions_option(command: Decorated) -> Decorated:
    """--submissions PATH, repeatable: where the submissions of a folder of reports lie."""
    return click.option(
        "--submissions",
        "paths",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="Where the submissions lie. [default: where they were graded from]",
    )(command)


def limits_options(command: Decorated) -> Decorated:
    """--cpu-seconds, --wall-seconds and --memory-mb: limits in place of the assignment's and the exercises' own."""
    usual = Limits()
    memory = click.option(
        "--memory-mb",
        type=click.IntRange(min=64),
        help=f"Memory of a submission. [default: the exercise's, mostly {usual.memory_bytes // 2**20}]",
    )
    seconds = click.option(
        "--cpu-seconds",
        type=click.FloatRange(min=0, min_open=True),
        help=f"Processor time of one call. [default: the exercise's, mostly {usual.cpu_seconds:g}]",
    )
    wall = click.option(
        "--wall-seconds",
        type=click.FloatRange(min=0, min_open=True),
        help=f"Time of one call by the clock. [default: the exercise's, mostly {usual.wall_seconds:g}]",
    )
    return seconds(wall(memory(command)))


def last_grading(folder: Path) -> Batch:
    """The reports that count in a folder, adjusted; what is set aside is said on standard error. Raises OutputError."""
    from dataclasses import replace

    from grader.batch import adjustments
    from grader.batch import folder as reports

    found = reports.last_grading(folder)
    adjusted = adjustments.applied(found.reports, adjustments.read(folder))
    for sentence in (*found.aside, *adjustments.warnings(adjusted.outdated)):
        click.echo(sentence, err=True)
    return replace(found, reports=adjusted.reports)


def catalog_at(folder: Path | None) -> Catalog:
    """The catalog that --exercises names, or the bundled one."""
    from grader.course import catalog

    return catalog.at(folder) if folder else catalog.bundled()


def say_broken(broken: Sequence[ExerciseError]) -> bool:
    """Name on standard error every exercise folder that cannot be loaded; whether there is one."""
    for error in broken:
        click.echo(f"Left out: {error}", err=True)
    return bool(broken)


def assignment_from(path: Path | None, catalog: Catalog) -> Assignment:
    """The assignment that --assignment names, or the one that lies beside the exercises."""
    from grader.course import assignment

    return assignment.load(path) if path else assignment.default(catalog)


def secret_from(file: Path | None) -> bytes:
    """The secret that --secret-file names, or the user's own; where there is none, one is made and its place said."""
    from grader.cases import secret

    path = file or secret.default_path()
    key, made = secret.read_or_make(path)
    if made:
        click.echo(f"A new secret was written to {path}; keep it to grade alike.")
    return key
