"""`grader gradebook`: the scores of a folder of reports as a sheet that an LMS takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.batch.folder import Batch
    from grader.models import Report

NAMES_SHOWN = 10


@click.command()
@click.argument("folder", type=options.EXISTING_FOLDER, metavar="DIR")
@click.option("--format", "form", type=click.Choice(["canvas", "moodle", "gradescope", "csv"]), default="csv")
@click.option("--sheet", type=options.EXISTING_FILE, help="The sheet exported from Canvas or Moodle, to be filled in.")
@click.option("--column", help="The column that takes the scores, where it is not clear.")
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
    column: str | None,
    feedback: str | None,
    out_of: float | None,
    secret: Path | None,
    paths: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Write the scores of the reports in DIR as a table.

    Canvas and Moodle: export their sheet, name it with --sheet, and upload what comes out. A submission that ended in
    internal_error leaves its cell blank.
    """
    from grader import storage
    from grader.batch import cells
    from grader.batch import gradebook as book

    if (sheet is None) == (form in ("canvas", "moodle")):
        raise click.UsageError("--sheet goes with --format canvas and moodle: the sheet that was exported from there")
    batch = options.last_grading(folder)
    reports = _named(batch, secret, paths) if secret else batch.reports
    marks = list(book.marks(reports))
    if sheet is not None and form == "moodle":
        filled = book.moodle(cells.read(sheet), marks, column, out_of, feedback)
    elif sheet is not None:
        filled = book.canvas(cells.read(sheet), marks, column, out_of)
    else:
        filled = book.gradescope(marks) if form == "gradescope" else book.plain_csv(marks)
    if output is None:
        click.echo(filled.sheet.text(), nl=False)
    else:
        storage.store(filled.sheet.text(), output)
    _remarks(filled.without_row, filled.without_report, sum(mark.score is None for mark in marks))


def _named(batch: Batch, secret: Path, paths: tuple[Path, ...]) -> list[Report]:
    """Anonymous reports with their people; the secret and the submissions must be those that they were made with."""
    from grader import submissions
    from grader.batch import anonymous
    from grader.cases.secret import read

    sources = submissions.find(paths, batch.record.layout) if paths else batch.record.sources()
    return anonymous.joined(batch.reports, sources, read(secret))


def _remarks(without_row: tuple[str, ...], without_report: int, blank: int) -> None:
    from grader.wire.printable import plain

    if without_row:
        shown = ", ".join(map(plain, without_row[:NAMES_SHOWN]))
        more = f" and {len(without_row) - NAMES_SHOWN} more" if len(without_row) > NAMES_SHOWN else ""
        click.echo(f"Not in the sheet: {shown}{more}.", err=True)
    if without_report:
        click.echo(f"Rows left as they were, because nobody's report belongs to them: {without_report}.", err=True)
    if blank:
        click.echo(f"Left blank, because grading ended in internal_error: {blank}. Grade again to fill them.", err=True)
