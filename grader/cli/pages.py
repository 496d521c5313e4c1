"""`grader page` and `grader view`: an exercise, and a student's own report, as self-contained HTML files."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import options
from grader.errors import GraderError, OutputError

HTML_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("slug")
@click.option("-o", "--output", type=HTML_FILE, help="[default: SLUG.html]")
@options.exercises_option
def page(slug: str, output: Path | None, folder: Path | None) -> None:
    """Write the exercise SLUG as a page for reading: statement, figure, public examples."""
    from grader.views import html

    _write(output or Path(f"{slug}.html"), html.exercise_page(options.catalog_at(folder), slug))


@click.command()
@click.argument("report", type=options.EXISTING_FILE)
@click.option("-o", "--output", type=HTML_FILE, help="[default: REPORT with the suffix .html]")
def view(report: Path, output: Path | None) -> None:
    """Write a student's REPORT (.json) as a page: self-contained, readable on a phone, printable."""
    from pydantic import ValidationError

    from grader.models import Report
    from grader.views import html

    try:
        content = Report.model_validate_json(report.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise GraderError(f"{report}: is no report ({where}: {first['msg']}); name a .json of grader's") from error
    from grader.batch import adjustments

    adjusted = adjustments.applied([content], adjustments.read(report.parent))
    _write(output or report.with_suffix(".html"), html.report_page(adjusted.reports[0]))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another place with -o") from error
    click.echo(f"wrote {path}")
