"""`grader export`: what an instructor uploads to a learning platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.course.assignment import Assignment
    from grader.course.catalog import Catalog

Decorated = TypeVar("Decorated", bound=Callable[..., object])


@click.group()
def export() -> None:
    """Write what Gradescope, PrairieLearn or nbgrader take: the same exercises, checks and words."""


def _common(command: Decorated) -> Decorated:
    for option in (
        click.option(
            "--insist-on-fewer-layers",
            "insist",
            is_flag=True,
            help="Grade there although an isolation layer is missing; otherwise such a run ends without a score.",
        ),
        click.option(
            "--secret-file", type=click.Path(dir_okay=False, path_type=Path), help="Made once when it is missing."
        ),
        options.assignment_option,
        options.exercises_option,
        options.exercise_option,
    ):
        command = option(command)
    return command


@export.command()
@_common
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="autograder.zip",
    show_default=True,
    help="The zip.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.IntRange(60, 2400),
    default=600,
    show_default=True,
    help="What the assignment's settings on Gradescope say, in seconds.",
)
@click.option(
    "--details",
    type=click.Choice(["visible", "after_due_date", "after_published"]),
    default="visible",
    show_default=True,
    help="When students see more than whether a check passed. Gradescope hides the total until then.",
)
def gradescope(
    slugs: tuple[str, ...],
    folder: Path | None,
    assignment_file: Path | None,
    secret_file: Path | None,
    insist: bool,
    out: Path,
    seconds: int,
    details: str,
) -> None:
    """Write autograder.zip for Gradescope: setup.sh, run_autograder, the grader, the exercises and the secret."""
    from grader.lms import package
    from grader.lms.settings import Settings, fitting

    catalog, assignment, chosen = _chosen(folder, assignment_file, slugs)
    settings = Settings(
        platform="gradescope",
        assignment=fitting(assignment, seconds, 0.5, len(chosen)),
        exercises=chosen,
        platform_seconds=seconds,
        cores=0.5,
        insist=insist,
        details=details,  # type: ignore[arg-type]  # one of the choices
    )
    package.write_zip(out, package.gradescope_zip(catalog, settings, options.secret_from(secret_file)))
    _say(out, chosen, catalog)


@export.command()
@_common
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The question's folder.")
@click.option("--timeout", "seconds", type=click.IntRange(30, 600), default=180, show_default=True, help="In seconds.")
@click.option(
    "--image", default="gradient-grader", show_default=True, help="The container image with the grader in it."
)
@click.option("--answer", type=click.Choice(["editor", "upload"]), default="editor", show_default=True)
def prairielearn(
    slugs: tuple[str, ...],
    folder: Path | None,
    assignment_file: Path | None,
    secret_file: Path | None,
    insist: bool,
    out: Path,
    seconds: int,
    image: str,
    answer: str,
) -> None:
    """Write a question folder for PrairieLearn: info.json, question.html and tests. Each variant gets its own cases."""
    from grader.lms import package
    from grader.lms.settings import Settings, fitting

    catalog, assignment, chosen = _chosen(folder, assignment_file, slugs)
    settings = Settings(
        platform="prairielearn",
        assignment=fitting(assignment, seconds, 0.9, len(chosen)),
        exercises=chosen,
        platform_seconds=seconds,
        cores=0.9,
        insist=insist,
    )
    key = options.secret_from(secret_file)
    package.prairielearn_folder(catalog, settings, key, out, image=image, answer=answer)  # type: ignore[arg-type]
    _say(out, chosen, catalog)


@export.command()
@options.assignment_option
@options.exercises_option
@options.exercise_option
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The assignment's folder below the course's `source`, such as course/source/ps1.",
)
def nbgrader(slugs: tuple[str, ...], folder: Path | None, assignment_file: Path | None, out: Path) -> None:
    """Write an assignment for nbgrader: a source notebook for each exercise, for `nbgrader generate_assignment`."""
    from grader.lms import nbgrader as release

    catalog, assignment, chosen = _chosen(folder, assignment_file, slugs)
    made = release.notebooks(catalog, assignment, chosen)
    release.write(made, out)
    for slug in made:
        click.echo(f"wrote {out / slug}.ipynb")
    if catalog.solutions is not None:
        click.echo("The solutions are in it: students get what `nbgrader generate_assignment` makes of it.")
    else:
        click.echo(
            "No solutions are here, so the notebooks hold none: add yours between the marks, or leave them empty."
        )


def _chosen(
    folder: Path | None, assignment_file: Path | None, slugs: tuple[str, ...]
) -> tuple[Catalog, Assignment, tuple[str, ...]]:
    """The catalog, the assignment, and the slugs that are exported, in course order."""
    catalog = options.catalog_at(folder)
    assignment = options.assignment_from(assignment_file, catalog)
    if not slugs and not assignment.exercises:
        options.say_broken(catalog.broken())
    return catalog, assignment, tuple(exercise.slug for exercise, _ in assignment.chosen(catalog, slugs))


def _say(out: Path, slugs: tuple[str, ...], catalog: Catalog) -> None:
    click.echo(f"wrote {out}: {len(slugs)} exercise{'s' if len(slugs) > 1 else ''} ({', '.join(slugs)})")
    nameless = [slug for slug in slugs if not catalog.names_mistakes(slug)]
    if nameless:
        which = "No misconceptions travel" if len(nameless) == len(slugs) else f"For {', '.join(nameless)} none travel"
        click.echo(f"{which}, because none are here: hints will be the general ones.")
    click.echo("The secret is in it: give it to nobody but the platform.")
