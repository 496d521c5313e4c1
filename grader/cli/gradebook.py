"""`grader gradebook`: the scores of a folder of reports as a sheet that an LMS takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options
from grader.wire.printable import plain

if TYPE_CHECKING:
    from grader.batch.folder import Batch
    from grader.batch.gradebook import Filled, Reasons
    from grader.batch.marks import Mark
    from grader.models import Report

NAMES_SHOWN = 10
EXIT_REFUSED = 4


@click.command()
@click.argument("folder", type=options.EXISTING_FOLDER, metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice(["canvas", "moodle", "nbgrader", "gradescope", "csv"]), default="csv"
)
@click.option(
    "--sheet",
    type=options.EXISTING_FILE,
    help="The sheet exported from Canvas or Moodle, to be filled in; nbgrader's gradebook.db.",
)
@click.option(
    "--groups",
    type=options.EXISTING_FILE,
    help="Where groups handed in: the list of groups exported from Canvas.",
)
@click.option("--column", help="The column (nbgrader: the assignment) that takes the scores, where it is not clear.")
@click.option("--feedback-column", "feedback", help="Moodle's column for comments. [default: Feedback comments]")
@click.option("--out-of", type=click.FloatRange(min=0, min_open=True), help="Scale the scores to this maximum.")
@click.option(
    "--secret-file", "secret", type=options.EXISTING_FILE, help="Put names back into reports made with --anonymous."
)
@options.submissions_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="[default: standard output]")
def gradebook(
    folder: Path,
    form: str,
    sheet: Path | None,
    groups: Path | None,
    column: str | None,
    feedback: str | None,
    out_of: float | None,
    secret: Path | None,
    paths: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Write the scores of the reports in DIR as a table.

    Canvas and Moodle: export their sheet, name it with --sheet, and upload what comes out. Only cells that are certain
    are filled; everything else in the sheet stays as it was, also the grade of a submission that ended in
    internal_error. What was filled, left and refused is said on standard error. nbgrader: scores and comments are
    written into its gradebook.db.

    Exit status: 0 nothing was refused, 4 if some score was, with the reason; 2 for bad usage.
    """
    from grader import storage
    from grader.batch import gradebook as book

    _check_options(form, sheet, groups, output is not None or out_of is not None)
    batch = options.last_grading(folder)
    marks = list(book.marks(_named(batch, secret, paths) if secret else batch.reports))
    filled = None
    if sheet is None:
        text = book.gradescope(marks) if form == "gradescope" else book.plain_csv(marks)
    elif form == "nbgrader":
        _say(_into_nbgrader(sheet, column, marks))
        return
    else:
        filled = _into_sheet(form, sheet, groups, column, feedback, out_of, marks)
        text = filled.text
    if output is None:
        click.echo(text, nl=False)
    else:
        storage.store(text, output)
    if filled is not None:
        _say(filled)
    elif blank := sum(mark.score is None for mark in marks):
        click.echo(f"Left blank, because grading ended in internal_error: {blank}. Grade again to fill them.", err=True)


def _check_options(form: str, sheet: Path | None, groups: Path | None, changed: bool) -> None:
    """Raise UsageError for options that do not go together; changed: -o or --out-of is given."""
    if (sheet is None) == (form in ("canvas", "moodle", "nbgrader")):
        raise click.UsageError(
            "--sheet goes with --format canvas and moodle, the sheet that was exported from there, and with --format "
            "nbgrader, its gradebook.db"
        )
    if form == "nbgrader" and changed:
        raise click.UsageError("-o and --out-of do not go with --format nbgrader: its gradebook is filled in as it is")
    if groups is not None and form != "canvas":
        raise click.UsageError("--groups goes with --format canvas; the others say themselves who is in a group")


def _into_sheet(
    form: str,
    sheet: Path,
    groups: Path | None,
    column: str | None,
    feedback: str | None,
    out_of: float | None,
    marks: Sequence[Mark],
) -> Filled:
    """Fill Canvas's or Moodle's sheet."""
    from grader.batch import exported
    from grader.batch import gradebook as book

    table = exported.read(sheet)
    if form == "canvas":
        members = book.groups(exported.read(groups)) if groups else ()
        return book.canvas(table, marks, column, out_of, members)
    return book.moodle(table, marks, column, out_of, feedback)


def _into_nbgrader(sheet: Path, assignment: str | None, marks: Sequence[Mark]) -> Filled:
    """Write into nbgrader's gradebook, and name who was late: nbgrader takes penalties off when it autogrades."""
    from grader.lms import nbgrader_marks

    with nbgrader_marks.opened(sheet) as book:
        filled, late = nbgrader_marks.fill(book, assignment, marks)
    if late:
        sentence = (
            f"Late, with a new score: {_shown(late)}. nbgrader takes points off when it autogrades: if your course "
            "does so, run `nbgrader autograde --force` now, and this command again for the comments."
        )
        click.echo(plain(sentence), err=True)
    return filled


def _named(batch: Batch, secret: Path, paths: tuple[Path, ...]) -> list[Report]:
    """Anonymous reports with their people; the secret and the submissions must be those that they were made with."""
    from grader import submissions
    from grader.batch import anonymous
    from grader.cases.secret import read

    sources = submissions.find(paths, batch.record.layout) if paths else batch.record.sources()
    return anonymous.joined(batch.reports, sources, read(secret))


def _say(filled: Filled) -> None:
    """What was filled, left and refused; ends the command with a status of its own when something was refused."""
    lines = [f"Filled: {filled.filled}."]
    if filled.by_name:
        lines.append(f"Of these by the name alone, please look: {_shown(filled.by_name)}.")
    lines += _each("Left as it was", filled.left)
    if filled.without_report:
        count = len(filled.without_report)
        lines.append(f"Left as they were, no report: {count} ({_shown(filled.without_report)}).")
    if filled.without_row:
        lines.append(f"Not in the sheet: {_shown(filled.without_row)}.")
    lines += _each("Refused", filled.refused)
    if not filled.filled and filled.without_row and not filled.left:
        lines.append("Nothing was filled: is it the sheet of this class and assignment?")
    for line in lines:
        click.echo(plain(line), err=True)
    if filled.refused or lines[-1].startswith("Nothing"):
        raise SystemExit(EXIT_REFUSED)


def _each(what: str, reasons: Reasons) -> list[str]:
    return [f"{what}: {who}: {why}" + ("" if why.endswith("?") else ".") for who, why in reasons]


def _shown(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return "; ".join(names[:NAMES_SHOWN]) + more
